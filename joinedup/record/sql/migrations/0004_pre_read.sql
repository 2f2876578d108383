-- Reading: one call enters the permit, leaves the trace and answers.

create function record.trace(
    done text, who text, who_name text, who_role text, who_for text, why text, sitting text,
    seen_key bigint, seen_version integer, about text, people bigint[]
) returns void language plpgsql as $$
declare
    event bigint;
begin
    insert into record.audit_event (action, worker, name, role, organisation, purpose, session, key,
                                    version, detail)
    values (done, who, who_name, who_role, who_for, why, sitting, seen_key, seen_version, about)
    returning seq into event;
    insert into record.audit_person (seq, person, action)
    select distinct event, p, done from unnest(people) p where p <> 0;
end $$;

-- One version of one resource (version 0: the current one). Older and deleted versions obey the
-- locks of today: they show only where the current version, or the deletion, shows.
create function record.read(
    who text, parties text, classes text, labels text, scope text, writes text,
    who_name text, who_role text, who_for text, why text, sitting text,
    wanted bigint, wanted_version integer
) returns setof record.version language plpgsql as $$
declare
    current_version integer;
    found_row record.version;
begin
    perform record.enter(who, parties, classes, labels, scope, writes);
    select h.version into current_version from record.head h where h.key = wanted;
    if current_version is null then
        select v.version into current_version from record.version v
        where v.key = wanted and v.deleted order by v.version desc limit 1;
    end if;
    if current_version is null then
        return;
    end if;
    select v.* into found_row from record.version v
    where v.key = wanted
      and v.version = case wanted_version when 0 then current_version else wanted_version end;
    if found_row.key is null then
        return;
    end if;
    perform record.trace('read', who, who_name, who_role, who_for, why, sitting,
                         wanted, found_row.version, '',
                         found_row.person || coalesce(found_row.others, '{}'));
    return next found_row;
end $$;

grant execute on all functions in schema record to joinedup_app;
