-- The second lock: row security. The application role owns nothing and cannot pass it by.
--
-- A permit is told to PostgreSQL by record.enter, for one transaction only. Without it every
-- setting is null or '' and every table shows no row: empty means nothing.

create function record.permitted_parties() returns bigint[] language sql stable parallel safe
    return nullif(current_setting('joinedup.parties', true), '')::bigint[];
create function record.permitted_labels() returns integer language sql stable parallel safe
    return nullif(current_setting('joinedup.labels', true), '')::integer;
create function record.permitted_marks() returns integer language sql stable parallel safe
    return nullif(current_setting('joinedup.marks', true), '')::integer;
create function record.permitted_worker() returns text language sql stable parallel safe
    return nullif(current_setting('joinedup.worker', true), '');

-- The policy as numbers (joinedup/access/policy.py): one element a ground, in order from 0, each the
-- sum of 2^class of what may be seen, or changed, on that ground.
create function record.permitted_sees() returns integer[] language sql stable parallel safe
    return nullif(current_setting('joinedup.sees', true), '')::integer[];
create function record.permitted_changes() returns integer[] language sql stable parallel safe
    return nullif(current_setting('joinedup.changes', true), '')::integer[];
create function record.may_write() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.changes', true), '') ~ '[1-9]';
-- Jobs of the system see everybody's clinical record (class 3) for the whole place (ground 1).
create function record.sees_place() returns boolean language sql stable parallel safe
    return coalesce(((record.permitted_sees())[2] >> 3) & 1, 0) = 1;
-- The moment relationships are judged at. An invented place stands still at one hour.
create function record.moment() returns timestamptz language sql stable parallel safe
    return coalesce(nullif(current_setting('joinedup.moment', true), '')::timestamptz, now());
-- The one person an app was let in for (0031); null where a permit is not bound to one.
create function record.within() returns bigint language sql stable parallel safe
    return nullif(current_setting('joinedup.within', true), '')::bigint;
create function record.keeps_reach() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.keeps_reach', true), '') = 'yes';

-- Tell PostgreSQL whose permit this transaction runs under, and how to plan its statements. Row
-- locks make the planner expect hardly any rows, and so sort what an index already gives in order:
-- without bitmaps it reads the index and stops when the page is full. What an app presents
-- (`bearer`) is looked up in the same statement (record.admitted, 0031), which raises once it ended.
create function record.admitted(bearer text) returns void language plpgsql as $$
begin
    raise exception 'no apps are known here';
end $$;
create function record.enter(
    worker text, parties text, sees text, changes text, labels text, marks text,
    plans text default 'auto', bearer text default '', within text default ''
) returns void language sql volatile
begin atomic
    select set_config('joinedup.worker', worker, true),
           set_config('joinedup.parties', parties, true),
           set_config('joinedup.sees', sees, true),
           set_config('joinedup.changes', changes, true),
           set_config('joinedup.labels', labels, true),
           set_config('joinedup.marks', marks, true),
           set_config('joinedup.within', within, true),
           case when bearer <> '' then record.admitted(bearer)::text end,
           set_config('plan_cache_mode', plans, true),
           set_config('enable_bitmapscan', case plans when 'auto' then 'on' else 'off' end, true);
end;

-- The lock on everything that is about a person. What a row's class may be seen on is asked of the
-- reach row that leads to its person; which of those there are to be found is decided by reach's
-- own policy below, and an objection stands in the way of every ground below break-glass (10), of a
-- permission given before it (11), and of proxies (13) where it is against those.
-- `= any (array[...])` rather than `=` keeps the planner from hashing a whole caseload for each
-- statement.
do $$
declare
    name text;
    reached constant text := $reached$
        exists (select from record.reach r
                where r.person = any (array[%1$s]) and r.starts <= (select record.moment()) and r.ends > (select record.moment())
                  and (((((select %2$s)::integer[])[r.ground + 1] & (~r.withheld)) >> %3$s) & 1) = 1
                  and (r.ground in (10, 12)
                       or not exists (select from record.objection o
                                      where o.person = any (array[r.person])
                                        and ((o.classes >> %3$s) & 1) = 1
                                        and o.starts <= (select record.moment()) and o.ends > (select record.moment())
                                        and case r.ground
                                            when 13 then o.against = 13 and o.party in (0, r.party)
                                            when 11 then o.against = 0 and o.said > r.starts
                                            else o.against = 0 and (o.party <> 0 or r.ground <> 2)
                                            end)))
    $reached$;
    allowed constant text := $allowed$
        (label & ~(select %3$s)) = 0
        and (((((select %2$s)::integer[])[2] >> class) & 1) = 1
             or ((person = 0 and ((((select %2$s)::integer[])[1] >> class) & 1) = 1
                  or $allowed$ || replace(reached, '%3$s', 'class') || $allowed$)
                 and (others is null
                      or record.reaches_all(others, class, (select %2$s)::integer[]))))
    $allowed$;
    sight constant text := replace(replace(allowed, '%2$s', 'record.permitted_sees()'),
                                   '%3$s', 'record.permitted_labels()');
    change constant text := replace(replace(allowed, '%2$s', 'record.permitted_changes()'),
                                    '%3$s', 'record.permitted_labels()');
    marked constant text := replace(replace(allowed, '%2$s', 'record.permitted_sees()'),
                                    '%3$s', 'record.permitted_labels() | record.permitted_marks()');
begin
    -- Whether the permit's parties reach every one of these people now. Few resources name several
    -- people, so this is a call of its own rather than a part of every plan.
    execute 'create function record.reaches_all(people bigint[], class smallint, masks integer[])
             returns boolean language plpgsql stable as $f$ begin
             return not exists (select from unnest(people) named (person) where not '
            || format(replace(replace(reached, '(select %2$s)', '$3'), '%3$s', '$2'), 'named.person')
            || '); end $f$';
    foreach name in array array['version', 'head', 'token', 'string', 'date', 'reference',
                                'quantity', 'uri', 'composite', 'word', 'claim'] loop
        execute format('create policy sight on record.%I for select using (', name)
                || replace(sight, '%1$s', 'record.' || name || '.person') || ')';
        execute format('create policy write on record.%I for insert with check (', name)
                || replace(change, '%1$s', 'record.' || name || '.person') || ')';
        if name <> 'version' then  -- a version is never changed and never removed
            execute format('create policy change on record.%I for update using (', name)
                    || replace(change, '%1$s', 'record.' || name || '.person') || ')';
            execute format('create policy remove on record.%I for delete using (', name)
                    || replace(change, '%1$s', 'record.' || name || '.person') || ')';
        end if;
    end loop;
    execute 'create policy sight on record.mark for select using ('
            || replace(marked, '%1$s', 'record.mark.person') || ')';
    execute 'create policy write on record.mark for insert with check ('
            || replace(change, '%1$s', 'record.mark.person') || ')';
    execute 'create policy remove on record.mark for delete using ('
            || replace(change, '%1$s', 'record.mark.person') || ')';
    foreach name in array array['version', 'head', 'token', 'string', 'date', 'reference', 'quantity',
                                'uri', 'composite', 'word', 'claim', 'mark', 'reach', 'objection',
                                'audit_event', 'audit_person', 'outbox'] loop
        execute format('alter table record.%I enable row level security', name);
        execute format('alter table record.%I force row level security', name);
    end loop;
end $$;

-- On what ground this permit sees a person now, for the audit: the lowest that shows anything of
-- them and that no objection closes; 1 where an office sees the place, 0 where nothing does.
create function record.ground_of(named bigint) returns smallint language plpgsql stable as $$
begin
    return case when named = 0 then 0 else coalesce(
        (select min(r.ground) from record.reach r
         where r.person = named
           and r.starts <= record.moment() and r.ends > record.moment()
           and (record.permitted_sees())[r.ground + 1] & (~r.withheld) <> 0
           and (r.ground in (10, 12)
                or not exists (select from record.objection o
                               where o.person = named
                                 and o.starts <= record.moment() and o.ends > record.moment()
                                 and case r.ground
                                     when 13 then o.against = 13 and o.party in (0, r.party)
                                     when 11 then o.against = 0 and o.said > r.starts
                                     else o.against = 0 and (o.party <> 0 or r.ground <> 2)
                                     end))),
        -- What names nobody (classes 1, 13 and 14) is no office that answers for the place.
        case when (record.permitted_sees())[2] & ~24578 <> 0 then 1 else 0 end) end;
end $$;

-- Reach shows itself to the parties that hold it; where an app was let in for one person, that
-- person's alone. A commit that has passed its checks keeps reach
-- for every party its resources name: record.keep_reach says so while it does, and no longer.
create policy sight on record.reach for select using (
    (party = any ((select record.permitted_parties())::bigint[])
     and coalesce(person = (select record.within()), true))
    or (select record.sees_place() or (record.may_write() and record.keeps_reach())));
create policy write on record.reach for insert
    with check ((select record.may_write() and record.keeps_reach()));
create policy remove on record.reach for delete
    using ((select record.may_write() and record.keeps_reach()));

-- An objection shows itself to the parties it is about; one to everybody, to everybody.
create policy sight on record.objection for select using (
    party = any (0 || (select record.permitted_parties())::bigint[])
    or (select record.sees_place() or (record.may_write() and record.keeps_reach())));
create policy write on record.objection for insert
    with check ((select record.may_write() and record.keeps_reach()));
create policy remove on record.objection for delete
    using ((select record.may_write() and record.keeps_reach()));

-- Anyone with a permit leaves a trace. A worker reads back their own; who answers for access (class
-- 6, ground 1) reads all; a person reads who looked at them (ground 12), and a proxy who was granted
-- that (ground 13), as far as the labels of what was looked at let them.
create function record.reviews_access() returns boolean language sql stable parallel safe
    return coalesce(((record.permitted_sees())[2] >> 6) & 1, 0) = 1;
create function record.owns_log(of_person bigint) returns boolean language plpgsql stable as $$
begin
    return exists (select from record.reach r
                   where r.person = of_person and r.starts <= (select record.moment()) and r.ends > (select record.moment())
                     and r.ground in (12, 13)
                     and ((((record.permitted_sees())[r.ground + 1] & (~r.withheld)) >> 6) & 1) = 1);
end $$;
create policy trace on record.audit_event for insert
    with check (worker = (select record.permitted_worker()));
create policy sight on record.audit_event for select using (
    (select record.reviews_access()) or worker = (select record.permitted_worker())
    or (person <> 0 and (label & ~(select record.permitted_labels())) = 0
        and record.owns_log(person)));
create policy trace on record.audit_person for insert
    with check ((select record.permitted_worker()) is not null);
create policy sight on record.audit_person for select using (
    (select record.reviews_access())
    or exists (select from record.audit_event e
               where e.seq = audit_person.seq and e.worker = (select record.permitted_worker()))
    or record.owns_log(person));

create policy line on record.outbox for insert with check ((select record.may_write()));
create policy sight on record.outbox for select using ((select record.sees_place()));
create policy sent on record.outbox for update using ((select record.sees_place()))
    with check ((select record.sees_place()) and sent is not null);

-- Versions, audit and outbox cannot be changed even by mistake of the owner's own code; of an outbox
-- line only when it was sent.
create function record.refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% of record.% is refused: its rows are only ever added', tg_op, tg_table_name;
end $$;
do $$
declare
    name text;
begin
    foreach name in array array['version', 'audit_event', 'audit_person'] loop
        execute format('create trigger append_only before update or delete on record.%I '
                       'for each row execute function record.refuse_change()', name);
        execute format('create trigger append_only_whole before truncate on record.%I '
                       'for each statement execute function record.refuse_change()', name);
    end loop;
end $$;
create trigger append_only before update of seq, at, xid, keys, people or delete on record.outbox
    for each row execute function record.refuse_change();
create trigger append_only_whole before truncate on record.outbox
    for each statement execute function record.refuse_change();

grant usage on schema record to joinedup_app;
grant select, insert on record.version, record.audit_event, record.audit_person, record.outbox
    to joinedup_app;
grant update (sent) on record.outbox to joinedup_app;
grant select, insert, update, delete on record.head to joinedup_app;
grant select, insert, delete on record.token, record.string, record.date, record.reference,
    record.quantity, record.uri, record.composite, record.word, record.claim, record.mark,
    record.reach, record.objection to joinedup_app;
