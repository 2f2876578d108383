-- The ledger beside the record: postings, their entries, and the accounts those come to.
--
-- joinedup/ledger says what a posting means and what makes one sound; here is what only the database
-- can hold: rows are only ever added, what is posted sums to zero in each book, and an account never
-- goes below its floor however many post at once.
--
-- kind   AccountKind, book  Book (joinedup/ledger)
-- person key of the Patient whose account it is; 0 = an account of the place (class 15)

-- One row a posting. `content` is the hash of all that was said: the same id with other content is
-- refused, with the same it is the same posting.
create table record.posting (
    id        text        collate "C" not null primary key check (id <> ''),
    day       date        not null,
    at        timestamptz not null default statement_timestamp(),
    xid       xid8        not null default pg_current_xact_id(),
    person    bigint      not null,
    class     smallint    not null,
    label     smallint    not null,
    others    bigint[],
    words     text        not null,
    source    text        not null,
    prepared  text        not null,
    approved  text        not null check (approved <> prepared),
    paid_to   text        not null,
    reverses  text        collate "C" check (reverses <> id),
    content   text        not null
);
create index posting_day on record.posting (day, id);
create index posting_person on record.posting (person, day) where person <> 0;
create unique index posting_reversed_once on record.posting (reverses) where reverses is not null;

create table record.entry (
    posting   text        collate "C" not null,
    line      smallint    not null check (line > 0),
    day       date        not null,    -- its posting's: who sees this account may not see all of that
    kind      smallint    not null,
    book      smallint    not null,
    pence     bigint      not null check (pence <> 0),
    person    bigint      not null,
    class     smallint    not null,
    label     smallint    not null,
    others    bigint[],                -- an account is one person's, so always null
    name      text        collate "C" not null,
    about     text        not null,    -- what it is for, as JSON (joinedup/record/ledger_rows.py)
    primary key (posting, line)
);
create index entry_account on record.entry (kind, name, posting);

-- One row an account: whose it is, how low it may go (null: any depth) and what its entries come to.
-- The three sums are kept for the floor alone; `joinedup verify` folds the entries and compares.
create table record.account (
    kind      smallint    not null,
    name      text        collate "C" not null,
    person    bigint      not null,
    class     smallint    not null,
    label     smallint    not null,
    others    bigint[],
    floor     bigint,
    committed bigint      not null default 0,
    released  bigint      not null default 0,
    actual    bigint      not null default 0,
    primary key (kind, name),
    constraint account_floor check (floor is null or committed + released + actual >= floor)
);
create index account_person on record.account (person) where person <> 0;

-- What was decided about the books beside postings: a tolerance (floor) or the end of a month.
create table record.decision (
    id        text        collate "C" not null primary key check (id <> ''),
    at        timestamptz not null default clock_timestamp(),    -- after whoever it waited for
    xid       xid8        not null default pg_current_xact_id(),
    kind      smallint,                -- of the account a floor is for; null for the end of a month
    name      text        collate "C",
    floor     bigint      check (floor <= 0),
    month     date        check (extract(day from month) = 1),
    person    bigint      not null,
    class     smallint    not null,
    label     smallint    not null,
    others    bigint[],
    words     text        not null,
    prepared  text        not null,
    approved  text        not null check (approved <> prepared),
    content   text        not null,
    check ((kind is null) = (name is null) and (kind is null) = (floor is null)
           and (kind is null) <> (month is null))
);
create unique index decision_month on record.decision (month) where month is not null;

-- Only record.post keeps accounts, and says so while it does.
create function record.keeps_books() returns boolean language sql stable parallel safe
    return coalesce(current_setting('joinedup.keeps_books', true), '') = 'yes';

-- The lock is the one on every row about a person (0002); an account itself is changed by whoever
-- may add the entry that changes it.
do $$
declare
    name text;
    sight text;
    change text;
begin
    foreach name in array array['posting', 'entry', 'account', 'decision'] loop
        select replace(pg_get_expr(p.polqual, p.polrelid), 'head.', name || '.') into sight
        from pg_policy p where p.polrelid = 'record.head'::regclass and p.polname = 'sight';
        select replace(pg_get_expr(p.polwithcheck, p.polrelid), 'head.', name || '.') into change
        from pg_policy p where p.polrelid = 'record.head'::regclass and p.polname = 'write';
        execute format('alter table record.%I enable row level security', name);
        execute format('alter table record.%I force row level security', name);
        execute format('create policy sight on record.%I for select using ((select record.keeps_books()) or (%s))',
                       name, sight);
        if name = 'entry' then
            change := change || ' and exists (select from record.posting p where p.id = entry.posting'
                             || ' and p.xid = pg_current_xact_id())';
        end if;
        execute format('create policy write on record.%I for insert with check (%s)', name, change);
    end loop;
end $$;
create policy change on record.account for update
    using ((select record.may_write() and record.keeps_books()));
create policy relabel on record.posting for update
    using ((select record.may_write() and record.keeps_books()));
create policy relabel on record.entry for update
    using ((select record.may_write() and record.keeps_books()));

do $$
declare
    name text;
begin
    -- Only the label of a row follows that of its package (record.label_package).
    foreach name in array array['posting', 'entry', 'decision'] loop
        execute format('create trigger append_only before %s delete on record.%I '
                       'for each row execute function record.refuse_change()',
                       (select 'update of ' || string_agg(quote_ident(a.attname), ', ') || ' or'
                        from pg_attribute a
                        where a.attrelid = format('record.%I', name)::regclass
                          and a.attnum > 0 and a.attname <> 'label'), name);
        execute format('create trigger append_only_whole before truncate on record.%I '
                       'for each statement execute function record.refuse_change()', name);
    end loop;
end $$;
create trigger append_only before update of kind, name, person, class, others or delete
    on record.account for each row execute function record.refuse_change();
create trigger append_only_whole before truncate on record.account
    for each statement execute function record.refuse_change();

-- Every pound that comes to an account leaves another, in each book by itself: asked of the entries
-- that each statement adds, and of a whole posting when its transaction ends, whoever may see it.
create function record.refuse_unbalanced_entries() returns trigger language plpgsql as $$
declare
    apart text;
begin
    select a.posting into apart from added a group by a.posting, a.book having sum(a.pence) <> 0 limit 1;
    if apart is not null then
        raise exception using errcode = 'JU402', message = format('unbalanced|%s', apart);
    end if;
    return null;
end $$;
create trigger sums_to_zero after insert on record.entry referencing new table as added
    for each statement execute function record.refuse_unbalanced_entries();

create function record.refuse_unbalanced() returns trigger language plpgsql as $$
declare
    kept constant text := coalesce(current_setting('joinedup.keeps_books', true), '');
    lines bigint;
    apart bigint;
begin
    perform set_config('joinedup.keeps_books', 'yes', true);
    select coalesce(sum(b.lines), 0), count(*) filter (where b.rest <> 0) into lines, apart
    from (select count(*) as lines, sum(e.pence) as rest from record.entry e
          where e.posting = new.id group by e.book) b;
    perform set_config('joinedup.keeps_books', kept, true);
    if lines < 2 or apart > 0 then
        raise exception using errcode = 'JU402', message = format('unbalanced|%s', new.id);
    end if;
    return null;
end $$;
create constraint trigger sums_to_zero after insert on record.posting deferrable initially deferred
    for each row execute function record.refuse_unbalanced();

-- Post what is new of these; what was posted before with the same content is left as it is. Returns
-- the ids that are new. Raises JU402 where a posting cannot be: its message is for people.
create function record.post(
    -- one element a posting
    ids text[], days date[], wordings text[], sources text[], prepareds text[], approveds text[],
    paids text[], turns text[], contents text[], people bigint[], others text[], classes smallint[],
    labels smallint[],
    -- one element an entry; `of` is the place of its posting
    entry_of integer[], lines smallint[], kinds smallint[], names text[], books smallint[],
    pences bigint[], entry_people bigint[], entry_classes smallint[], entry_labels smallint[],
    floors bigint[], abouts text[],
    who text, who_name text, who_role text, who_for text, why text, sitting text, told text
) returns text[] language plpgsql as $$
declare
    known text[];
    clash text;
    fresh integer[];
    one record;
begin
    -- Each look at a table here costs its row policies once more: a look does several things.
    perform set_config('joinedup.keeps_books', 'yes', true);
    select array_agg(p.id), min(p.id) filter (where u.content <> p.content) into known, clash
    from unnest(ids, contents) u (id, content) join record.posting p on p.id = u.id;
    if clash is not null then
        raise exception using errcode = 'JU402', message = format('taken|%s', clash);
    end if;
    fresh := array(select u.place from unnest(ids) with ordinality u (id, place)
                   where u.id <> all (coalesce(known, '{}')) order by u.place);
    if cardinality(fresh) = 0 then
        perform set_config('joinedup.keeps_books', '', true);
        return '{}';
    end if;

    -- A month that is being closed waits for those posting to it, and they for it.
    perform pg_advisory_xact_lock_shared(1247101267, m)
    from (select distinct (extract(year from days[p]) * 12 + extract(month from days[p]))::integer m
          from unnest(fresh) p order by 1) months;
    for one in
        select to_char(d.month, 'YYYY-MM') as month from record.decision d
        where d.month = any (array(select date_trunc('month', days[p])::date from unnest(fresh) p))
    loop
        raise exception using errcode = 'JU402', message = format('closed|%s', one.month);
    end loop;
    if cardinality(array_remove(turns, null)) > 0 then
        for one in
            select turns[p] as id from unnest(fresh) p
            where turns[p] is not null
              and not exists (select from record.posting r where r.id = turns[p])
        loop
            raise exception using errcode = 'JU402', message = format('unknown|%s', one.id);
        end loop;
        for one in
            select r.reverses as id from record.posting r
            where r.reverses = any (array(select turns[p] from unnest(fresh) p))
        loop
            raise exception using errcode = 'JU402', message = format('again|%s', one.id);
        end loop;
        for one in
            select turns[p] as id from unnest(fresh) p
            where turns[p] is not null and exists (
                select from (
                    select e.kind, e.name, e.book, e.pence from record.entry e where e.posting = turns[p]
                    union all
                    select u.kind, u.name, u.book, u.pence
                    from unnest(entry_of, kinds, names, books, pences) u (place, kind, name, book, pence)
                    where u.place = p) both_ways
                group by kind, name, book having sum(pence) <> 0)
        loop
            raise exception using errcode = 'JU402', message = format('differs|%s', one.id);
        end loop;
    end if;

    -- Accounts are made, then locked, in the order of kind and name: two that post to the same ones
    -- wait for each other and never both.
    insert into record.account (kind, name, person, class, label, floor)
    select distinct on (u.kind, u.name collate "C") u.kind, u.name, u.person, u.class, u.label, u.floor
    from unnest(entry_of, kinds, names, entry_people, entry_classes, entry_labels, floors)
         u (place, kind, name, person, class, label, floor)
    where u.place = any (fresh)
    order by u.kind, u.name collate "C"
    on conflict do nothing;
    for one in
        with moved as (
            select u.kind, u.name, sum(u.pence) as pence, min(u.person) as first, max(u.person) as last
            from unnest(entry_of, kinds, names, pences, entry_people) u (place, kind, name, pence, person)
            where u.place = any (fresh) group by 1, 2
        ), locked as materialized (
            select a.kind, a.name, a.person, a.floor, a.committed + a.released + a.actual as holds
            from record.account a
            where (a.kind, a.name) in (select m.kind, m.name from moved m)
            order by a.kind, a.name for update
        )
        select l.*, m.pence, m.first <> l.person or m.last <> l.person as is_anothers
        from locked l join moved m on m.kind = l.kind and m.name = l.name
        where m.first <> l.person or m.last <> l.person or l.holds + m.pence < l.floor
        order by 1, 2
    loop
        if one.is_anothers then
            raise exception using errcode = 'JU402', message = format('whose|%s|%s', one.kind, one.name);
        end if;
        raise exception using errcode = 'JU402',
            message = format('short|%s|%s|%s|%s|%s', one.kind, one.name, one.holds, one.floor,
                             one.pence);
    end loop;
    -- A row is under the labels of its package as they are now, and those it was posted with.
    with kept as (
        update record.account a
        set committed = a.committed + m.committed, released = a.released + m.released,
            actual = a.actual + m.actual
        from (select u.kind, u.name,
                     coalesce(sum(u.pence) filter (where u.book = 1), 0) committed,
                     coalesce(sum(u.pence) filter (where u.book = 2), 0) released,
                     coalesce(sum(u.pence) filter (where u.book = 3), 0) actual
              from unnest(entry_of, kinds, names, books, pences) u (place, kind, name, book, pence)
              where u.place = any (fresh) group by 1, 2) m
        where a.kind = m.kind and a.name = m.name
        returning a.kind, a.name, a.label
    )
    select array_agg((u.label | coalesce(k.label, 0))::smallint order by u.place) into entry_labels
    from unnest(kinds, names, entry_labels) with ordinality u (kind, name, label, place)
         left join kept k on k.kind = u.kind and k.name = u.name;
    labels := array(
        select coalesce((select bit_or(u.label) from unnest(entry_of, entry_labels) u (place, label)
                         where u.place = p), 0)
        from generate_subscripts(ids, 1) p order by p);
    insert into record.posting (id, day, person, class, label, others, words, source, prepared,
                                approved, paid_to, reverses, content)
    select ids[p], days[p], people[p], classes[p], labels[p], nullif(others[p], '')::bigint[],
           wordings[p], sources[p], prepareds[p], approveds[p], paids[p], turns[p], contents[p]
    from unnest(fresh) p;
    insert into record.entry (posting, line, day, kind, name, book, pence, person, class, label, about)
    select ids[u.place], u.line, days[u.place], u.kind, u.name, u.book, u.pence, u.person, u.class, u.label, u.about
    from unnest(entry_of, lines, kinds, names, books, pences, entry_people, entry_classes,
                entry_labels, abouts)
         u (place, line, kind, name, book, pence, person, class, label, about)
    where u.place = any (fresh);

    perform record.note_books(
        array(select distinct e from unnest(entry_of, entry_people) u (place, e)
              where u.place = any (fresh) and e <> 0 order by e),
        (select bit_or(u.label)
         from unnest(entry_of, entry_people, entry_labels) u (place, person, label)
         where u.place = any (fresh)
           and u.person = (select min(f.person) from unnest(entry_of, entry_people) f (place, person)
                           where f.place = any (fresh) and f.person <> 0)),
        'posted', who, who_name, who_role, who_for, why, sitting,
        -- What was posted is sealed with the audit: the hash of its contents in their order.
        ltrim(format('%s sha256:%s %s', told,
                     (select encode(sha256(convert_to(string_agg(contents[p], '' order by contents[p]
                                                                 collate "C"), 'UTF8')), 'hex')
                      from unnest(fresh) p),
                     array_to_string((array(select ids[p] from unnest(fresh) p))[:5], ' '))));
    perform set_config('joinedup.keeps_books', '', true);
    return array(select ids[p] from unnest(fresh) p);
end $$;

-- Put what stands on a package's account under its labels, when those change.
create function record.label_package(package text, now_under smallint) returns void
language plpgsql as $$
begin
    perform set_config('joinedup.keeps_books', 'yes', true);
    if exists (select from record.account a where a.kind = 3 and a.name = package
               and a.label <> now_under) then
        update record.account a set label = now_under where a.kind = 3 and a.name = package;
        update record.entry e
        set label = coalesce((e.about::jsonb ->> 'label')::smallint, 0::smallint) | now_under
        where e.kind = 3 and e.name = package;
        update record.posting p set label = s.label
        from (select e.posting, bit_or(e.label) as label from record.entry e
              where e.posting in (select w.posting from record.entry w
                                  where w.kind = 3 and w.name = package)
              group by e.posting) s
        where p.id = s.posting and p.label <> s.label;
    end if;
    perform set_config('joinedup.keeps_books', '', true);
end $$;

-- Whether money was ever posted for a package: it then stays whose it was.
create function record.has_money(package text) returns boolean language plpgsql as $$
declare
    found boolean;
begin
    perform set_config('joinedup.keeps_books', 'yes', true);
    found := exists (select from record.account a where a.kind = 3 and a.name = package);
    perform set_config('joinedup.keeps_books', '', true);
    return found;
end $$;

-- The audit event and the outbox line of a change of the books, as of every other change.
create function record.note_books(
    named bigint[], seen smallint, done text, who text, who_name text, who_role text, who_for text,
    why text, sitting text, told text
) returns void language plpgsql as $$
declare
    event bigint;
begin
    insert into record.audit_event (action, worker, name, role, organisation, purpose, session, person,
                                    ground, label, detail)
    values (done, who, who_name, who_role, who_for, why, sitting, coalesce(named[1], 0),
            record.ground_of(coalesce(named[1], 0)), coalesce(seen, 0), told)
    returning seq into event;
    if cardinality(named) > 1 then
        insert into record.audit_person (seq, person, action) select event, p, done from unnest(named[2:]) p;
    end if;
    insert into record.outbox (keys, people) values ('{}', named);
end $$;

-- Decide: one floor, or the end of one month. Returns false where the same was decided before.
create function record.decide(
    decision text, of_kind smallint, of_name text, lowest bigint, closed date, whose bigint, in_class smallint,
    wording text, by_one text, by_another text, said text,
    who text, who_name text, who_role text, who_for text, why text, sitting text, told text
) returns boolean language plpgsql as $$
declare
    before text;
    owner bigint;
    held bigint;
begin
    perform set_config('joinedup.keeps_books', 'yes', true);
    select d.content into before from record.decision d where d.id = decision;
    if before is not null then
        if before <> said then
            raise exception using errcode = 'JU402', message = format('taken|%s', decision);
        end if;
        perform set_config('joinedup.keeps_books', '', true);
        return false;
    end if;
    if closed is not null then
        perform pg_advisory_xact_lock(1247101267,
                                      (extract(year from closed) * 12 + extract(month from closed))::integer);
        if exists (select from record.decision d where d.month = closed) then
            raise exception using errcode = 'JU402',
                message = format('closed|%s', to_char(closed, 'YYYY-MM'));
        end if;
    else
        insert into record.account (kind, name, person, class, label, floor)
        values (of_kind, of_name, whose, in_class, 0, 0) on conflict do nothing;
        select a.person, a.committed + a.released + a.actual into owner, held
        from record.account a where a.kind = of_kind and a.name = of_name for update;
        if owner <> whose then
            raise exception using errcode = 'JU402', message = format('whose|%s|%s', of_kind, of_name);
        end if;
        if held < lowest then
            raise exception using errcode = 'JU402',
                message = format('short|%s|%s|%s|%s|0', of_kind, of_name, held, lowest);
        end if;
        update record.account a set floor = lowest where a.kind = of_kind and a.name = of_name;
    end if;
    insert into record.decision (id, kind, name, floor, month, person, class, label, words, prepared,
                                 approved, content)
    values (decision, of_kind, of_name, lowest, closed, whose, in_class, 0, wording, by_one, by_another,
            said);
    perform record.note_books(case whose when 0 then '{}'::bigint[] else array[whose] end, 0::smallint,
                              'decided', who, who_name, who_role, who_for, why, sitting, told);
    perform set_config('joinedup.keeps_books', '', true);
    return true;
end $$;

grant select, insert on record.posting, record.entry, record.account, record.decision to joinedup_app;
grant update (label, floor, committed, released, actual) on record.account to joinedup_app;
grant update (label) on record.posting, record.entry to joinedup_app;
grant execute on function record.keeps_books(), record.refuse_unbalanced(),
    record.refuse_unbalanced_entries() to joinedup_app;
grant execute on all functions in schema record to joinedup_app;
