-- Who is told that there is something new: one row for each outbox line and each receiver. It holds
-- no content and no address; where a message goes is read from the record when it is sent.
--
--   waiting -> taken -> handing-over -> sent
--                    |               \-> in-doubt   (we cannot know whether it went: never again)
--                    \-> waiting (try later) | not-told (nobody to tell, or no way)
create table record.notice (
    line     bigint      not null,
    receiver text        collate "C" not null check (length(receiver) between 3 and 100),
    state    text        collate "C" not null default 'waiting' check (
        state in ('waiting', 'taken', 'handing-over', 'sent', 'in-doubt', 'not-told')),
    due      timestamptz not null,
    changed  timestamptz not null,
    message  text        collate "C" not null default '',
    way      text        collate "C" not null default '',
    tries    integer     not null default 0,
    primary key (line, receiver)
);
create index notice_due on record.notice (due) where state = 'waiting';
create index notice_open on record.notice (state) where state in ('taken', 'handing-over');
create index notice_told on record.notice (receiver, changed desc)
    where state in ('sent', 'in-doubt');
alter table record.notice enable row level security;
alter table record.notice force row level security;
create policy sight on record.notice for select using (
    (select record.sees_place() and record.permitted_worker() = 'system/notices'));
create policy add on record.notice for insert with check (
    (select record.sees_place() and record.permitted_worker() = 'system/notices'));
create policy go_on on record.notice for update using (
    (select record.sees_place() and record.permitted_worker() = 'system/notices'));
grant select, insert, update (state, due, changed, message, way, tries) on record.notice
    to joinedup_app;

-- What was told is told once, whatever the code that asks does.
create function record.notice_moves() returns trigger language plpgsql as $$
begin
    if (old.state in ('sent', 'not-told') and new.state <> old.state)
       or (old.state = 'in-doubt' and new.state not in ('in-doubt', 'sent'))
       or (old.state = 'handing-over' and new.state = 'taken') then
        raise exception 'a notice that is % does not become %', old.state, new.state;
    end if;
    return new;
end $$;
create trigger notice_moves before update of state on record.notice
    for each row execute function record.notice_moves();
