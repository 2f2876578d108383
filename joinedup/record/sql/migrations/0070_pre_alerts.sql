-- How far the job that raises alerts (AC-03) has read the audit, along the chain of the seal. One
-- row; it only ever moves on, and only after every alert of what it passed was stored.
create table record.alerts_read (
    position bigint not null primary key check (position >= 0)
);
alter table record.alerts_read enable row level security;
alter table record.alerts_read force row level security;
create policy sight on record.alerts_read for select using ((select record.sees_place()));
create policy go_on on record.alerts_read for insert with check (
    (select record.sees_place() and record.permitted_worker() = 'system/alerts'));
create policy remove on record.alerts_read for delete using (
    (select record.sees_place() and record.permitted_worker() = 'system/alerts'));
grant select, insert, delete on record.alerts_read to joinedup_app;

create function record.alerts_reach(reached bigint) returns void language plpgsql as $$
begin
    if not exists (select from record.alerts_read r where r.position >= reached) then
        insert into record.alerts_read (position) values (reached);
        delete from record.alerts_read r where r.position < reached;
    end if;
end $$;
grant execute on function record.alerts_reach(bigint) to joinedup_app;
