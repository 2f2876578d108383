-- Standing authorities: what two officers set aside for urgent starts of a month (decision 0020).
--
-- An authority is a pot of its own, `<pot>/starts-2018-01` (joinedup/ledger/authority.py), and what
-- stands on it is of class 18. Whoever starts care may write one posting: a promise from such a pot
-- to a package, in their own name and that of the officer who approved the authority. Python says
-- so in words; here it holds whatever is sent.

alter table record.entry add constraint entry_of_starts
    check ((class = 18) = (kind = 2 and name ~ '^.+/starts-[0-9]{4}-(0[1-9]|1[0-2])$'));
alter table record.account add constraint account_of_starts
    check ((class = 18) = (kind = 2 and name ~ '^.+/starts-[0-9]{4}-(0[1-9]|1[0-2])$'));

-- Whether this permit keeps the accounts of the place: changes class 15, an office's or nobody's.
create function record.keeps_funds() returns boolean language sql stable parallel safe
    return coalesce(((record.permitted_changes())[1] | (record.permitted_changes())[2]) >> 15 & 1, 0) = 1;
create function record.starts_care() returns boolean language sql stable parallel safe
    return coalesce((record.permitted_changes())[1] >> 18 & 1, 0) = 1 and not record.keeps_funds();

-- Who starts care changes the package (class 4), and on that ground puts money to it, and reads none.
do $$
declare
    name text;
    change text;
begin
    foreach name in array array['posting', 'entry', 'account'] loop
        select pg_get_expr(p.polwithcheck, p.polrelid) into change
        from pg_policy p where p.polrelid = format('record.%I', name)::regclass and p.polname = 'write';
        change := regexp_replace(change, format('(\m%s\.)?\mclass\M', name), '4::smallint', 'g');
        execute format('create policy starts on record.%I for insert with check (
                            (select record.starts_care()) and class = 5 and person <> 0 %s and (%s))',
                       name, case name when 'posting' then '' else 'and kind = 3' end, change);
    end loop;
end $$;

-- The authority that stands on an account: who approved what was set aside last. Null where nothing
-- was, where that was taken back, or where the rest was given back since. Money comes from its own
-- pot, or goes back there, in a posting of these two entries; a bill has more.
create function record.authority(account text) returns text language plpgsql stable as $$
declare
    latest record;
begin
    select p.approved, e.pence into latest
    from record.entry e join record.posting p on p.id = e.posting
    where e.kind = 2 and e.name = account and e.book = 3 and p.reverses is null
      and (select count(*) = 2 and bool_or(o.kind = 2 and o.name = left(account, -15))
           from record.entry o where o.posting = e.posting)
      and not exists (select from record.posting r where r.reverses = p.id)
    order by p.at desc, p.id desc limit 1;
    return case when latest.pence > 0 then latest.approved end;
end $$;

-- The authorities of a month from which care may be started now, for whoever starts it: no sums.
create function record.authorities(of_month text) returns table (account text, approver text)
language plpgsql as $$
begin
    if not record.starts_care() then
        return;
    end if;
    perform set_config('joinedup.keeps_books', 'yes', true);
    return query
        select a.name, record.authority(a.name) from record.account a
        where a.kind = 2 and a.class = 18 and a.name like '%/starts-' || of_month
          and a.committed + a.released + a.actual > 0 and record.authority(a.name) is not null
        order by a.name;
    perform set_config('joinedup.keeps_books', '', true);
end $$;

-- Refuse a posting that uses an authority for what it is not for, or that is no start by who may
-- write nothing else. Asked of each whole posting that a statement adds to.
create function record.refuse_unauthorised(asked text) returns void language plpgsql as $$
declare
    said record.posting;
    fund text;         -- what is set aside, that it names first
    starts boolean;    -- whether it is one promise from there to one package
    moves boolean;     -- whether it is money from its own pot, or back there
    comes boolean;
    promises boolean;
    astray boolean;    -- whether money goes from there to another pot, or to who gave it
    officers constant boolean := record.keeps_funds();
    today constant date := (record.moment() at time zone 'Europe/London')::date;
begin
    select * into said from record.posting p where p.id = asked;
    select min(e.name) filter (where e.class = 18) into fund
    from record.entry e where e.posting = asked;
    select count(*) = 2 and bool_and(e.book = 1) and bool_and((e.pence < 0) = (e.class = 18))
               and bool_or(e.kind = 3 and e.person <> 0) and bool_or(e.class = 18),
           count(*) = 2 and bool_and(e.book = 3) and bool_or(e.kind = 2 and e.name = left(fund, -15)),
           coalesce(bool_or(e.class = 18 and e.book = 3 and e.pence > 0), false),
           coalesce(bool_or(e.class = 18 and e.book = 1 and e.pence < 0), false),
           coalesce(bool_or(e.kind in (1, 2) and e.class <> 18 and e.book = 3 and e.pence > 0), false)
    into starts, moves, comes, promises, astray
    from record.entry e where e.posting = asked;
    if said.reverses is not null then
        if officers then
            return;
        end if;
        starts := false;
    end if;
    if starts then
        if said.source = 'authority/' || fund and to_char(said.day, 'YYYY-MM') = right(fund, 7)
           and said.approved = record.authority(fund)
           and (officers or (said.prepared = record.permitted_worker()
                             and said.day between today - 3 and today)) then
            return;
        end if;
    elsif officers and not promises
          and (moves or not (comes or astray))
          and (not comes or to_char(said.day, 'YYYY-MM') = right(fund, 7)) then
        return;
    end if;
    raise exception using errcode = 'JU402', message = format('authority|%s', coalesce(fund, asked));
end $$;

create or replace function record.refuse_unbalanced_entries() returns trigger language plpgsql as $$
declare
    apart text;
    kept constant text := coalesce(current_setting('joinedup.keeps_books', true), '');
begin
    select a.posting into apart from added a group by a.posting, a.book having sum(a.pence) <> 0 limit 1;
    if apart is not null then
        raise exception using errcode = 'JU402', message = format('unbalanced|%s', apart);
    end if;
    -- What is sent without a permit is the owner's own: a copy that is read back in.
    if exists (select from added a where a.class = 18)
       or (record.permitted_worker() is not null and not record.keeps_funds()) then
        perform set_config('joinedup.keeps_books', 'yes', true);
        perform record.refuse_unauthorised(a.posting) from (select distinct posting from added) a;
        perform set_config('joinedup.keeps_books', kept, true);
    end if;
    return null;
end $$;

grant execute on function record.keeps_funds(), record.starts_care(), record.authority(text),
    record.authorities(text), record.refuse_unauthorised(text) to joinedup_app;
