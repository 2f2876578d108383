-- The seal over the audit: a chain of hashes, a row an event, in the order of their transactions.
--
-- hash      sha256(hash of the row before || this row and its event, joinedup/record/seal.py)
-- xid, seq  of the event; they rise along the chain, so an event that was put in behind it shows
-- sealed    when the round that sealed it began
--
-- An event is written without its hash, so writers never queue on the chain: one sealer follows
-- them, behind the oldest transaction that still runs.

create table record.seal (
    position bigint      not null primary key check (position > 0),
    seq      bigint      not null unique,
    xid      xid8        not null,
    sealed   timestamptz not null,
    hash     bytea       not null check (length(hash) = 32)
);
alter table record.seal enable row level security;
alter table record.seal force row level security;
create policy sight on record.seal for select using ((select record.sees_place()));
create policy follow on record.seal for insert with check (
    (select record.sees_place() and record.permitted_worker() = 'system/seal'));
create trigger append_only before update or delete on record.seal
    for each row execute function record.refuse_change();
create trigger append_only_whole before truncate on record.seal
    for each statement execute function record.refuse_change();
grant select, insert on record.seal to joinedup_app;

-- In the order of the chain: what the sealer has not reached is one range of it.
create index audit_event_order on record.audit_event (xid, seq);
