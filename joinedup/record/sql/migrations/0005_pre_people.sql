-- People: whether somebody is new to the record, and whether they are restricted.

-- Whether anything stored ever named one of these people, themselves included. Asked before a worker
-- stores somebody new: the new person's source gains reach to all that names them, so the answer
-- looks past the worker's sight and tells nothing but yes or no.
create function record.are_named(people bigint[]) returns boolean language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    found boolean;
begin
    perform set_config('joinedup.sees', '{0,8190}', true);
    found := exists (
        select from record.audit_named a join record.audit_event e on e.seq = a.seq
        where a.person = any (people) and e.outcome = 0);
    perform set_config('joinedup.sees', sees, true);
    return found;
end $$;

-- Who is restricted: the Patient of that key says so (meta.security R or V), or last said so before
-- it was deleted. What other organisations state about such a person is withheld as well, by
-- whoever looks and in every index.
create table record.restriction (
    person bigint not null primary key
);
alter table record.restriction enable row level security;
alter table record.restriction force row level security;
create policy sight on record.restriction for select using (
    (select (((record.permitted_sees())[2] >> 2) & 1) = 1
            or (record.may_write() and record.keeps_reach()))
    or exists (select from record.reach r
               where r.person = any (array[restriction.person])
                 and r.starts <= (select record.moment()) and r.ends > (select record.moment())));
create policy write on record.restriction for insert
    with check ((select record.may_write() and record.keeps_reach()));
create policy remove on record.restriction for delete
    using ((select record.may_write() and record.keeps_reach()));
grant select, insert, delete on record.restriction to joinedup_app;

-- A call of its own, so that no search is planned with it: few resources are statements. Of records
-- that were joined, a restriction of either stands.
create function record.is_restricted(named bigint) returns boolean language plpgsql stable as $$
begin
    return exists (select from record.restriction r where r.person = any (record.same(named)));
end $$;

-- Keep what a commit says of its Patients: these are restricted, these are free. Returns those for
-- whom that is news, and who is restricted of those whom the commit makes statements about. A
-- restriction that changes waits for statements under way, and they for it; 64 turns, so that a
-- large commit holds few locks.
create function record.keep_restrictions(
    restricted bigint[], free bigint[], stated bigint[], out changed bigint[], out under bigint[]
) language plpgsql as $$
declare
    turns constant integer := 64;
begin
    perform set_config('joinedup.keeps_reach', 'yes', true);
    perform record.await_joins(restricted || free || stated);
    perform pg_advisory_xact_lock_shared(turns, turn)
    from (select distinct (p & turns - 1)::integer turn from unnest(stated) p order by 1) t;
    with gone as (
        delete from record.restriction r where r.person = any (free) returning r.person
    ), come as (
        insert into record.restriction select p from unnest(restricted) p
        on conflict do nothing returning person
    )
    select coalesce(array_agg(distinct s.person), '{}') into changed
    from (select person from gone union all select person from come) n
         cross join lateral unnest(record.same(n.person)) s (person);
    perform pg_advisory_xact_lock(turns, turn)
    from (select distinct (p & turns - 1)::integer turn from unnest(changed) p order by 1) t;
    under := array(select s.person from unnest(stated) s (person)
                   where record.is_restricted(s.person));
    perform set_config('joinedup.keeps_reach', '', true);
end $$;

-- Write the index rows of resources again whose text stays as it is; the last array of each group
-- is the place (1..n) of the row's resource in `keys`.
create function record.index_again(
    keys bigint[],
    token_slots integer[], token_codes text[], token_systems bigint[], token_words text[], token_of integer[],
    string_slots integer[], string_values text[], string_exacts bigint[], string_of integer[],
    date_slots integer[], date_lows timestamptz[], date_highs timestamptz[], date_of integer[],
    reference_slots integer[], reference_targets bigint[], reference_of integer[]
) returns void language plpgsql as $$
begin
    delete from record.token t where t.key = any (keys);
    delete from record.string s where s.key = any (keys);
    delete from record.date d where d.key = any (keys);
    delete from record.reference r where r.key = any (keys);
    insert into record.token (slot, code, system, words, key, person, label, class, others)
    select u.slot, u.code, u.system, u.words, h.key, h.person, h.label, h.class, h.others
    from unnest(token_slots, token_codes, token_systems, token_words, token_of)
         u (slot, code, system, words, place) join record.head h on h.key = keys[u.place];
    insert into record.string (slot, value, exact, key, person, label, class, others)
    select u.slot, u.value, u.exact, h.key, h.person, h.label, h.class, h.others
    from unnest(string_slots, string_values, string_exacts, string_of)
         u (slot, value, exact, place) join record.head h on h.key = keys[u.place];
    insert into record.date (slot, low, high, key, person, label, class, others)
    select u.slot, u.low, u.high, h.key, h.person, h.label, h.class, h.others
    from unnest(date_slots, date_lows, date_highs, date_of)
         u (slot, low, high, place) join record.head h on h.key = keys[u.place];
    insert into record.reference (slot, target, key, person, label, class, others)
    select u.slot, u.target, h.key, h.person, h.label, h.class, h.others
    from unnest(reference_slots, reference_targets, reference_of)
         u (slot, target, place) join record.head h on h.key = keys[u.place];
end $$;

grant execute on all functions in schema record to joinedup_app;
