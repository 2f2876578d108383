-- The one person an app was let in for, under every id they are known by (0050): joined records are
-- one person's, so an app opened for either sees both, and after parting its own again. The ids are
-- found by each statement, as they are at that moment.

-- null where a permit is not bound to a person.
create function record.within_person() returns bigint[] language sql stable parallel safe
    return nullif(current_setting('joinedup.within', true), '')::bigint[];

-- Which ids are one person's is asked under the permit, before it is bound: whom it does not reach,
-- it does not find out about here either.
create or replace function record.enter(
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
           set_config('joinedup.within', '', true),
           case when within <> ''
                then set_config('joinedup.within', record.same(within::bigint)::text, true) end,
           case when bearer <> '' then record.admitted(bearer)::text end,
           set_config('plan_cache_mode', plans, true),
           set_config('enable_bitmapscan', case plans when 'auto' then 'on' else 'off' end, true);
end;

alter policy sight on record.reach using (
    (party = any ((select record.permitted_parties())::bigint[])
     and coalesce(person = any ((select record.within_person())::bigint[]), true))
    or (select record.sees_place() or (record.may_write() and record.keeps_reach())));
drop function record.within();

grant execute on function record.within_person() to joinedup_app;
