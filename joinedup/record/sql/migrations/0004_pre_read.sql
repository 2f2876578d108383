-- Reading: one call enters the permit, leaves the trace and answers.

-- One event and the people it names, each once and none of them 0 or -1.
create function record.trace(
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text,
    seen_key bigint, seen_version integer, about text, people bigint[],
    came_out smallint default 0, under smallint default 0
) returns void language plpgsql as $$
declare
    event bigint;
begin
    insert into record.audit_event (action, worker, name, role, organisation, purpose, session, key,
                                    version, person, outcome, ground, label, detail)
    values (done, who, who_name, who_role, who_for, why, sitting, seen_key, seen_version,
            coalesce(people[1], 0), came_out, record.ground_of(coalesce(people[1], 0)), under,
            about)
    returning seq into event;
    if cardinality(people) > 1 then
        insert into record.audit_person (seq, person, action)
        select event, p, done from unnest(people[2:]) p;
    end if;
end $$;

-- Everybody an event names, a row each: the first from the event, the further ones beside it.
create view record.audit_named with (security_invoker = true) as
    select seq, person, at, action from record.audit_event where person <> 0
    union all
    select seq, person, at, action from record.audit_person;
grant select on record.audit_named to joinedup_app;

-- One version of one resource (version 0: the current one). Older and deleted versions obey the
-- locks of today: they show only where the current version, or the deletion, shows.
create function record.read(
    who text, parties text, sees text, changes text, labels text, marks text,
    who_name text, who_role text, who_for text, why text, sitting text,
    wanted bigint, wanted_version integer, bearer text default '', within text default ''
) returns setof record.version language plpgsql as $$
declare
    found_row record.version;
begin
    perform record.enter(who, parties, sees, changes, labels, marks, 'force_generic_plan',
                         bearer, within);
    select v.* into found_row
    from record.head h join record.version v on v.key = h.key
        and v.version = case wanted_version when 0 then h.version else wanted_version end
    where h.key = wanted;
    if found_row.key is null
        and not exists (select from record.head h where h.key = wanted) then  -- deleted, or nothing
        select v.* into found_row
        from record.version d join record.version v on v.key = d.key
            and v.version = case wanted_version when 0 then d.version else wanted_version end
        where d.key = wanted and d.deleted order by d.version desc limit 1;
    end if;
    if found_row.key is null then
        return;
    end if;
    perform record.trace('read', who, who_name, who_role, who_for, why, sitting,
                         wanted, found_row.version, '',
                         case when found_row.person in (0, -1) then '{}'
                              else array[found_row.person] end || found_row.others,
                         0::smallint, found_row.label);
    return next found_row;
end $$;

grant execute on all functions in schema record to joinedup_app;
