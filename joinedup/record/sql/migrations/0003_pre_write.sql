-- Writing: one call stores a whole commit. Rows of an index name their resource by its place (1..n)
-- in the first arrays; everything a row policy tests is copied from there.

create function record.keep_reach(
    replaced bigint[],
    -- one element a relationship
    people bigint[], parties bigint[], keys bigint[], grounds smallint[], withholds integer[],
    starts timestamptz[], ends timestamptz[],
    -- one element an objection
    objecting bigint[], objected_to bigint[], objection_keys bigint[], objection_classes integer[],
    againsts smallint[], saids timestamptz[], objection_starts timestamptz[], objection_ends timestamptz[]
) returns void language plpgsql as $$
declare
    joins boolean;
begin
    perform set_config('joinedup.keeps_reach', 'yes', true);
    joins := record.await_joins(people || objecting);
    if cardinality(replaced) > 0 then
        delete from record.reach r where r.key = any (replaced) and r.key <> 0;
        delete from record.objection o where o.key = any (replaced);
    end if;
    insert into record.reach (person, party, key, ground, withheld, starts, ends)
    select * from unnest(people, parties, keys, grounds, withholds, starts, ends)
    on conflict do nothing;
    insert into record.objection (person, party, key, classes, against, said, starts, ends)
    select * from unnest(objecting, objected_to, objection_keys, objection_classes, againsts, saids,
                         objection_starts, objection_ends)
    on conflict do nothing;
    if joins then
        perform record.share_reach(keys || objection_keys);
    end if;
    perform set_config('joinedup.keeps_reach', '', true);
end $$;

-- Leave an event for each person whose entries a commit holds, and return the last.
create function record.note_each(
    keys bigint[], people bigint[], others text[], labels smallint[], versions integer[], named bigint[],
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text, about text
) returns bigint language plpgsql as $$
declare
    event bigint;
begin
    with whose as (
        select u.person, count(*) entries, bit_or(u.label) label, min(u.key) key, min(u.version) version
        from unnest(people, labels, keys, versions) u (person, label, key, version)
        where u.person not in (0, -1) group by u.person
        union all
        select coalesce(named[1], 0), cardinality(keys), (select bit_or(l) from unnest(labels) l),
               keys[1], versions[1]
        where not exists (select from unnest(people) p where p not in (0, -1))
    ), told as (
        insert into record.audit_event (action, worker, name, role, organisation, purpose, session, key,
                                        version, person, ground, label, detail)
        select done, who, who_name, who_role, who_for, why, sitting,
               case when w.entries = 1 then w.key end, case when w.entries = 1 then w.version end,
               w.person, record.ground_of(w.person), w.label, about
        from whose w order by w.person
        returning seq, person
    ), further as (
        insert into record.audit_person (seq, person, action)
        select distinct t.seq, n.person, done
        from (select u.person, o.person other
              from unnest(people, others) u (person, others),
                   unnest(nullif(u.others, '')::bigint[]) o (person)
              union all select 0, p from unnest(named) p
              where not exists (select from unnest(people) p where p not in (0, -1))) n (of, person)
        join told t on t.person = n.of
            -- What is about nobody in particular stands with the first of those the commit names.
            or n.of in (0, -1) and t.seq = (select min(f.seq) from told f)
        where n.person <> t.person
    )
    select max(seq) into event from told;
    return event;
end $$;

create function record.write(
    -- one element a resource
    keys bigint[], people bigint[], others text[], types smallint[], classes smallint[], labels smallint[],
    versions integer[], deletes boolean[], abouts boolean[], lows timestamptz[], highs timestamptz[],
    happens timestamptz[], recordeds timestamptz[], moment timestamptz,
    sources text[], authors text[], roles text[], bodies text[],
    -- one element an index row; the last array of each group is the place of its resource
    token_slots integer[], token_codes text[], token_systems bigint[], token_words text[], token_of integer[],
    string_slots integer[], string_values text[], string_exacts bigint[], string_of integer[],
    date_slots integer[], date_lows timestamptz[], date_highs timestamptz[], date_of integer[],
    reference_slots integer[], reference_targets bigint[], reference_of integer[],
    claim_names text[], claim_of integer[],
    -- what the commit as a whole leaves behind
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text, about text
) returns bigint language plpgsql as $$
declare
    replaced constant bigint[] := array(
        select k from unnest(keys, versions) u (k, v) where v > 1);
    named constant bigint[] := array(
        select p from unnest(people) p where p not in (0, -1)
        union
        select p from unnest(others) o, unnest(nullif(o, '')::bigint[]) p);
    joins constant boolean := record.await_joins(named);
    event bigint;
    whose bigint;
begin
    if cardinality(replaced) > 0 then
        delete from record.token t where t.key = any (replaced);
        delete from record.string s where s.key = any (replaced);
        delete from record.date d where d.key = any (replaced);
        delete from record.reference r where r.key = any (replaced);
        delete from record.claim c where c.key = any (replaced);
        delete from record.mark m where m.key = any (replaced);
        delete from record.head h where h.key = any (replaced);
    end if;

    insert into record.version (key, person, happened, recorded, received, version, label, type, class,
                                deleted, source, author, role, others, body)
    select u.key, u.person, u.happened, u.recorded, moment, u.version, u.label, u.type,
           u.class, u.deleted, u.source, u.author, u.role, nullif(u.other, '')::bigint[], u.body
    from unnest(keys, people, happens, recordeds, versions, labels, types, classes, deletes, sources,
                authors, roles, others, bodies)
         u (key, person, happened, recorded, version, label, type, class, deleted, source, author, role,
            other, body);

    insert into record.head (key, person, when_low, when_high, updated, version, label, type, class,
                             about, others)
    select u.key, u.person, u.low, u.high, moment, u.version, u.label, u.type, u.class,
           u.about, nullif(u.other, '')::bigint[]
    from unnest(keys, people, lows, highs, versions, labels, types, classes, abouts, others, deletes)
         u (key, person, low, high, version, label, type, class, about, other, deleted)
    where not u.deleted;

    if cardinality(token_slots) > 0 then
        insert into record.token (slot, code, system, words, key, person, label, class, others)
        select u.slot, u.code, u.system, u.words, keys[u.place], people[u.place],
               labels[u.place], classes[u.place], nullif(others[u.place], '')::bigint[]
        from unnest(token_slots, token_codes, token_systems, token_words, token_of)
             u (slot, code, system, words, place);
    end if;
    if cardinality(string_slots) > 0 then
        insert into record.string (slot, value, exact, key, person, label, class, others)
        select u.slot, u.value, u.exact, keys[u.place], people[u.place], labels[u.place],
               classes[u.place], nullif(others[u.place], '')::bigint[]
        from unnest(string_slots, string_values, string_exacts, string_of) u (slot, value, exact, place);
    end if;
    if cardinality(date_slots) > 0 then
        insert into record.date (slot, low, high, key, person, label, class, others)
        select u.slot, u.low, u.high, keys[u.place], people[u.place], labels[u.place],
               classes[u.place], nullif(others[u.place], '')::bigint[]
        from unnest(date_slots, date_lows, date_highs, date_of) u (slot, low, high, place);
    end if;
    if cardinality(reference_slots) > 0 then
        insert into record.reference (slot, target, key, person, label, class, others)
        select u.slot, u.target, keys[u.place], people[u.place], labels[u.place],
               classes[u.place], nullif(others[u.place], '')::bigint[]
        from unnest(reference_slots, reference_targets, reference_of) u (slot, target, place);
    end if;
    if cardinality(claim_names) > 0 then
        insert into record.claim (name, key, person, label, class, others)
        select u.name, keys[u.place], people[u.place], labels[u.place], classes[u.place],
               nullif(others[u.place], '')::bigint[]
        from unnest(claim_names, claim_of) u (name, place);
    end if;

    insert into record.mark (key, person, label, class, others)
    select u.key, u.person, u.label, u.class, nullif(u.other, '')::bigint[]
    from unnest(keys, people, labels, classes, others, deletes)
         u (key, person, label, class, other, deleted)
    where u.label <> 0 and not u.deleted;

    if joins then
        perform record.place(keys);
    end if;

    -- One event for each person whose entries these are, under the labels of those alone: everybody's
    -- log tells who wrote about them, and nothing of what was written beside it about somebody else.
    -- A commit of one entry, as most are, needs no plan of that kind.
    if cardinality(keys) = 1 then
        whose := case when people[1] in (0, -1) then coalesce(named[1], 0) else people[1] end;
        insert into record.audit_event (action, worker, name, role, organisation, purpose, session, key,
                                        version, person, ground, label, detail)
        values (done, who, who_name, who_role, who_for, why, sitting, keys[1], versions[1], whose,
                record.ground_of(whose), labels[1], about)
        returning seq into event;
        if cardinality(named) > 1 then
            insert into record.audit_person (seq, person, action)
            select event, p, done from unnest(named) p where p <> whose;
        end if;
    else
        event := record.note_each(keys, people, others, labels, versions, named, done, who, who_name,
                                  who_role, who_for, why, sitting, about);
    end if;
    insert into record.outbox (keys, people)
    values (keys, named);
    return event;
end $$;

-- A commit of nothing but new resources about known people, in one call: enter the permit, look
-- whether everything referred to is to be seen, write. Returns what is missing; nothing is written
-- then. One statement is one transaction.
create function record.write_new(
    permit_worker text, parties text, sees text, changes text, permit_labels text, marks text,
    referred bigint[],
    -- one element a resource
    keys bigint[], people bigint[], others text[], types smallint[], classes smallint[], labels smallint[],
    versions integer[], deletes boolean[], abouts boolean[], lows timestamptz[], highs timestamptz[],
    happens timestamptz[], recordeds timestamptz[], moment timestamptz,
    sources text[], authors text[], roles text[], bodies text[],
    -- one element an index row; the last array of each group is the place of its resource
    token_slots integer[], token_codes text[], token_systems bigint[], token_words text[], token_of integer[],
    string_slots integer[], string_values text[], string_exacts bigint[], string_of integer[],
    date_slots integer[], date_lows timestamptz[], date_highs timestamptz[], date_of integer[],
    reference_slots integer[], reference_targets bigint[], reference_of integer[],
    claim_names text[], claim_of integer[],
    -- what the commit as a whole leaves behind
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text, about text,
    bearer text default '', within text default ''
) returns bigint[] language plpgsql as $$
declare
    missing bigint[];
begin
    perform record.enter(permit_worker, parties, sees, changes, permit_labels, marks,
                         'force_generic_plan', bearer, within);
    missing := array(select r from unnest(referred) r
                     where not exists (select from record.head h where h.key = r));
    if cardinality(missing) = 0 then
        perform record.write(
        keys, people, others, types, classes, labels, versions, deletes, abouts, lows,
        highs, happens, recordeds, moment, sources, authors, roles, bodies, token_slots,
        token_codes, token_systems, token_words, token_of, string_slots, string_values,
        string_exacts, string_of, date_slots, date_lows, date_highs, date_of,
        reference_slots, reference_targets, reference_of, claim_names, claim_of, done, who,
        who_name, who_role, who_for, why, sitting, about);
    end if;
    return missing;
end $$;

grant execute on all functions in schema record to joinedup_app;
