-- The second lock: row security. The application role owns nothing and cannot pass it by.
--
-- A permit is told to PostgreSQL by record.enter, for one transaction only. Without it every
-- setting is null or '' and every table shows no row: empty means nothing.

create function record.permitted_parties() returns bigint[] language sql stable parallel safe
    return nullif(current_setting('joinedup.parties', true), '')::bigint[];
create function record.permitted_classes() returns smallint[] language sql stable parallel safe
    return nullif(current_setting('joinedup.classes', true), '')::smallint[];
create function record.permitted_labels() returns integer language sql stable parallel safe
    return nullif(current_setting('joinedup.labels', true), '')::integer;
create function record.sees_place() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.scope', true), '') = 'place';
create function record.may_write() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.write', true), '') = 'yes';
create function record.permitted_worker() returns text language sql stable parallel safe
    return nullif(current_setting('joinedup.worker', true), '');

create function record.keeps_reach() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.keeps_reach', true), '') = 'yes';

-- Tell PostgreSQL whose permit this transaction runs under, and how to plan its statements. Row
-- locks make the planner expect hardly any rows, and so sort what an index already gives in order:
-- without bitmaps it reads the index and stops when the page is full.
create function record.enter(
    worker text, parties text, classes text, labels text, scope text, writes text,
    plans text default 'auto'
) returns void language sql volatile
begin atomic
    select set_config('joinedup.worker', worker, true),
           set_config('joinedup.parties', parties, true),
           set_config('joinedup.classes', classes, true),
           set_config('joinedup.labels', labels, true),
           set_config('joinedup.scope', scope, true),
           set_config('joinedup.write', writes, true),
           set_config('plan_cache_mode', plans, true),
           set_config('enable_bitmapscan', case plans when 'auto' then 'on' else 'off' end, true);
end;

-- Whether the permit's parties reach every one of these people now. Few resources name several
-- people, so this is a call of its own rather than a part of every plan.
create function record.reaches_all(people bigint[]) returns boolean language plpgsql stable as $$
begin
    return not exists (
        select from unnest(people) named (person)
        where not exists (select from record.reach r
                          where r.person = named.person and r.starts <= now() and r.ends > now()));
end $$;

-- The lock on everything that is about a person. Which rows of reach there are to be found is
-- decided by reach's own policy below. `= any (array[...])` rather than `=` keeps the planner from
-- hashing a whole caseload for each statement.
do $$
declare
    name text;
    sight constant text := $sight$
        class = any ((select record.permitted_classes())::smallint[])
        and (label & ~(select record.permitted_labels())) = 0
        and ((select record.sees_place())
             or ((person = 0
                  or exists (select from record.reach r
                             where r.person = any (array[%1$I.person])
                               and r.starts <= now() and r.ends > now()))
                 and (others is null or record.reaches_all(others))))
    $sight$;
begin
    foreach name in array array['version', 'head', 'token', 'string', 'date', 'reference',
                                'quantity', 'uri', 'composite', 'word', 'claim'] loop
        execute format('create policy sight on record.%1$I for select using (' || sight || ')', name);
        execute format('create policy write on record.%1$I for insert with check ('
                       || '(select record.may_write()) and ' || sight || ')', name);
        if name <> 'version' then  -- a version is never changed and never removed
            execute format('create policy change on record.%1$I for update using ('
                           || '(select record.may_write()) and ' || sight || ')', name);
            execute format('create policy remove on record.%1$I for delete using ('
                           || '(select record.may_write()) and ' || sight || ')', name);
        end if;
    end loop;
    foreach name in array array['version', 'head', 'token', 'string', 'date', 'reference', 'quantity',
                                'uri', 'composite', 'word', 'claim', 'reach', 'audit_event',
                                'audit_person', 'outbox'] loop
        execute format('alter table record.%I enable row level security', name);
        execute format('alter table record.%I force row level security', name);
    end loop;
end $$;

-- Reach shows itself to the parties that hold it. A commit that has passed its checks keeps reach
-- for every party its resources name: record.keep_reach says so while it does, and no longer.
create policy sight on record.reach for select using (
    party = any ((select record.permitted_parties())::bigint[])
    or (select record.sees_place() or (record.may_write() and record.keeps_reach())));
create policy write on record.reach for insert
    with check ((select record.may_write() and record.keeps_reach()));
create policy remove on record.reach for delete
    using ((select record.may_write() and record.keeps_reach()));

-- Anyone with a permit leaves a trace; a worker reads back only their own, the system all.
create policy trace on record.audit_event for insert
    with check (worker = (select record.permitted_worker()));
create policy sight on record.audit_event for select using (
    (select record.sees_place()) or worker = (select record.permitted_worker()));
create policy trace on record.audit_person for insert
    with check ((select record.permitted_worker()) is not null);
create policy sight on record.audit_person for select using (
    (select record.sees_place())
    or exists (select from record.audit_event e
               where e.seq = audit_person.seq and e.worker = (select record.permitted_worker())));

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
    record.quantity, record.uri, record.composite, record.word, record.claim, record.reach
    to joinedup_app;
