-- Records of one person that were kept as two: who was joined to whom, and what that makes of the
-- rows. The texts of versions, and whom the audit names, never change; beside them
--
-- * whatever is about somebody who was joined stands under the one kept: record.place
-- * every id of a person is reached by whoever reaches one, and what is objected to or restricted
--   under one stands under all: record.share_reach, record.is_restricted
--
-- Parting ends the row of `joined` and places again, so each has back what its texts say is theirs.

-- One row for each time somebody was seen under another; `until` null is now. Where who is kept is
-- joined to somebody in turn, a new row follows.
create table record.joined (
    person        bigint      not null,
    target        bigint      not null,    -- to whom it was joined
    kept          bigint      not null,    -- under whom it is seen: the end of the chain
    since         timestamptz not null default statement_timestamp(),
    until         timestamptz check (until >= since),
    other_version integer     not null,    -- the versions of both Patients that joining them made
    kept_version  integer     not null,
    primary key (person, since)
);
create unique index joined_now on record.joined (person) where until is null;
create index joined_kept on record.joined (kept) where until is null;
alter table record.joined enable row level security;
alter table record.joined force row level security;
-- Whoever may know of the person may know it, and a commit that keeps reach.
create policy sight on record.joined for select using (
    (select (((record.permitted_sees())[2] >> 2) & 1) = 1
            or (record.may_write() and record.keeps_reach()))
    or exists (select from record.reach r
               where r.person = any (array[joined.person])
                 and r.starts <= (select record.moment()) and r.ends > (select record.moment())));
create policy write on record.joined for insert with check (
    (select record.sees_place() and record.permitted_worker() = 'system/merge'));
create policy ended on record.joined for update using (
    (select record.sees_place() and record.permitted_worker() = 'system/merge'))
    with check (until is not null);
grant select, insert, update (until) on record.joined to joinedup_app;

-- Resources that name several people are few; joining looks for those.
create index head_others on record.head (key) where others is not null;

-- Rows are placed again by update.
grant update (person, others) on record.token, record.string, record.date, record.reference,
    record.quantity, record.uri, record.composite, record.word, record.claim, record.mark
    to joinedup_app;
do $$ begin
    execute (select format('create policy change on record.mark for update using (%s)',
                           pg_get_expr(polqual, polrelid))
             from pg_policy where polrelid = 'record.mark'::regclass and polname = 'remove');
end $$;

-- Under whom somebody is seen; themselves where they were never joined.
create function record.kept(named bigint) returns bigint language plpgsql stable as $$
begin
    return coalesce((select j.kept from record.joined j where j.person = named and j.until is null),
                    named);
end $$;

-- Every id of one person, whichever of them is asked for; the one kept comes first.
create function record.same(named bigint) returns bigint[] language plpgsql stable as $$
declare
    root constant bigint := record.kept(named);
begin
    return root || array(select j.person from record.joined j
                         where j.kept = root and j.until is null order by j.person);
end $$;

-- Further people of a resource as they are kept, each once, in their order, without whom it is about.
create function record.kept_of(named bigint[], about bigint) returns bigint[]
language plpgsql stable as $$
begin
    return nullif(array(select w.kept
                        from (select record.kept(n.person) as kept, min(n.place) as place
                              from unnest(named) with ordinality n (person, place) group by 1) w
                        where w.kept <> about order by w.place), '{}');
end $$;

-- Wait for whoever joins or parts one of these people just now, and make them wait for this
-- transaction; returns whether anybody of them is joined. 64 turns, so that a large commit holds
-- few locks.
create function record.await_joins(people bigint[]) returns boolean language plpgsql as $$
begin
    perform pg_advisory_xact_lock_shared(65, turn)
    from (select distinct (p & 63)::integer turn from unnest(people) p order by 1) t;
    return exists (select from record.joined j where j.until is null
                   and (j.person = any (people) or j.kept = any (people)));
end $$;

-- Join or part these people alone: everybody else who writes about them waits until it is done.
create function record.hold_people(people bigint[]) returns void language plpgsql as $$
begin
    perform pg_advisory_xact_lock(65, turn)
    from (select distinct (p & 63)::integer turn from unnest(people) p order by 1) t;
end $$;

-- Put the rows of these resources under those their version names, as they are kept now. It looks
-- past the permit, because what a worker does not see is placed with the rest; what it writes comes
-- from `version` and `joined` alone, so whoever calls it changes nothing that is right.
create function record.place(keys bigint[]) returns void language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    changes constant text := coalesce(current_setting('joinedup.changes', true), '');
    labels constant text := coalesce(current_setting('joinedup.labels', true), '');
    name text;
begin
    perform set_config('joinedup.sees', '{0,2147483646}', true),
            set_config('joinedup.changes', '{0,2147483646}', true),
            set_config('joinedup.labels', '32767', true);
    update record.head h set person = p.person, others = p.others
    from (select v.key, w.person, record.kept_of(v.others, w.person) as others
          from record.head c join record.version v on v.key = c.key and v.version = c.version
               cross join lateral (select record.kept(v.person) as person offset 0) w
          where c.key = any (keys)) p
    where h.key = p.key and (h.person <> p.person or h.others is distinct from p.others);
    foreach name in array array['token', 'string', 'date', 'reference', 'quantity', 'uri',
                                'composite', 'word', 'claim', 'mark'] loop
        execute format('update record.%I t set person = h.person, others = h.others
                        from record.head h
                        where t.key = any ($1) and h.key = t.key
                          and (t.person <> h.person or t.others is distinct from h.others)', name)
        using keys;
    end loop;
    perform set_config('joinedup.sees', sees, true),
            set_config('joinedup.changes', changes, true),
            set_config('joinedup.labels', labels, true);
end $$;

-- Give what these resources say of reach and objections to every id of their person, and to none
-- that is no longer one of theirs. Not so the sight of whoever has just entered somebody new (key
-- 0): it was for finishing that work. The person signs in under any of their ids (ground 12).
create function record.share_reach(keys bigint[]) returns void language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    changes constant text := coalesce(current_setting('joinedup.changes', true), '');
    labels constant text := coalesce(current_setting('joinedup.labels', true), '');
    keeps constant text := coalesce(current_setting('joinedup.keeps_reach', true), '');
begin
    perform set_config('joinedup.sees', '{0,2147483646}', true),
            set_config('joinedup.changes', '{0,2147483646}', true),
            set_config('joinedup.labels', '32767', true),
            set_config('joinedup.keeps_reach', 'yes', true);
    delete from record.reach r
    using record.head h join record.version v on v.key = h.key and v.version = h.version
    where r.key = any (keys) and r.key = h.key
      and (r.person <> v.person or (r.ground = 12 and r.party <> v.person));
    insert into record.reach (person, party, key, starts, ends, withheld, ground)
    select m.person, w.party, r.key, r.starts, r.ends, r.withheld, r.ground
    from record.reach r
         cross join lateral unnest(record.same(r.person)) m (person)
         cross join lateral unnest(case r.ground when 12 then record.same(r.person)
                                   else array[r.party] end) w (party)
    where r.key = any (keys) and r.key <> 0
    on conflict do nothing;
    delete from record.objection o
    using record.head h join record.version v on v.key = h.key and v.version = h.version
    where o.key = any (keys) and o.key = h.key and o.person <> v.person;
    insert into record.objection (person, party, key, classes, against, said, starts, ends)
    select m.person, o.party, o.key, o.classes, o.against, o.said, o.starts, o.ends
    from record.objection o cross join lateral unnest(record.same(o.person)) m (person)
    where o.key = any (keys)
    on conflict do nothing;
    perform set_config('joinedup.sees', sees, true),
            set_config('joinedup.changes', changes, true),
            set_config('joinedup.labels', labels, true),
            set_config('joinedup.keeps_reach', keeps, true);
end $$;

-- Everything that names one of these people, placed and shared again.
create function record.place_people(people bigint[]) returns void language plpgsql as $$
declare
    keys constant bigint[] := array(
        select h.key from record.head h where h.person = any (people)
        union
        select h.key from record.head h where h.others is not null and h.others && people);
begin
    perform record.place(keys);
    perform record.share_reach(keys);
end $$;

-- See `other`, and whoever was joined to it, under `main` from now on; `main` is nobody's other.
create function record.join_people(
    other bigint, main bigint, version_of_other integer, version_of_main integer
) returns void language plpgsql as $$
begin
    if other = main then
        raise exception 'a record is not joined to itself';
    end if;
    with ended as (
        update record.joined j set until = statement_timestamp()
        where j.kept = other and j.until is null
        returning j.person, j.target, j.other_version, j.kept_version
    )
    insert into record.joined (person, target, kept, other_version, kept_version)
    select e.person, e.target, main, e.other_version, e.kept_version from ended e
    union all
    select other, main, main, version_of_other, version_of_main;
end $$;

-- See `other`, and whoever was joined to it, under itself again.
create function record.part_people(other bigint) returns void language plpgsql as $$
begin
    with recursive branch as (
        select j.person from record.joined j where j.person = other and j.until is null
        union all
        select j.person from record.joined j join branch b on b.person = j.target
        where j.until is null
    ), ended as (
        update record.joined j set until = statement_timestamp()
        from branch b where j.person = b.person and j.until is null
        returning j.person, j.target, j.other_version, j.kept_version
    )
    insert into record.joined (person, target, kept, other_version, kept_version)
    select e.person, e.target, other, e.other_version, e.kept_version
    from ended e where e.person <> other;
end $$;

-- Who looked at somebody while they were shown under another, once they are parted again. The audit
-- has those looks under the other, whose log is not theirs; that somebody looked is. So this looks
-- past the lock at those alone, and tells neither what was asked nor what was found.
create function record.seen_while_joined(named bigint) returns table (
    seq bigint, at timestamptz, action text, worker text, name text, role text, organisation text,
    session text, ground smallint
) language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    labels constant integer := coalesce(record.permitted_labels(), 0);
begin
    if not (record.owns_log(named) or record.reviews_access()) then
        return;
    end if;
    perform set_config('joinedup.sees', '{0,68}', true);  -- classes 2 and 6, of the place
    return query
        select e.seq, e.at, e.action, e.worker, e.name, e.role, e.organisation, e.session, e.ground
        from record.joined j
        join record.audit_event e on e.person = j.kept and e.at >= j.since and e.at < j.until
        where j.person = any (record.same(named)) and j.until is not null
          and not j.kept = any (record.same(named)) and e.outcome = 0
          and e.action in ('read', 'everything', 'search', 'history', 'export', 'print')
          and e.role not in ('person', 'proxy')  -- their own looks, at what they took for theirs
          and (e.label & ~labels) = 0;
    perform set_config('joinedup.sees', sees, true);
end $$;

-- Tell of a change whose version names one of two people, to both: an event and an outbox line in one
-- moment, as for every change. `under` is the label of what was changed.
create function record.tell(
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text,
    about text, people bigint[], under integer
) returns void language plpgsql as $$
begin
    perform record.trace(done, who, who_name, who_role, who_for, why, sitting, null, null, about,
                         people, 0::smallint, under::smallint);
    insert into record.outbox (keys, people) values ('{}', people);
end $$;

grant execute on all functions in schema record to joinedup_app;
