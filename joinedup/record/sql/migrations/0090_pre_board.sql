-- The board of a hospital: one flat row a stay, a way home, a person, a bed or ward, derived from the
-- resource of that key (joinedup/fhir/board_row.py) and under its lock, like every row of an index.
-- A line of the board is the join of what its reader sees of each.

create table record.board (
    key      bigint      not null primary key,
    person   bigint      not null,
    hospital bigint      not null,    -- key of its Organization, 0 = none
    place    bigint      not null,    -- of a stay its bed, of a bed its ward; 0 = none
    pair     bigint      not null,    -- of a stay its Task, of a way home its Encounter; 0 = none
    ends     timestamptz not null,    -- when the person left; infinity while they are there
    kind     smallint    not null,    -- 1 stay, 2 way home, 3 person, 4 bed or ward
    label    smallint    not null,
    class    smallint    not null,
    said     text        collate "C" not null,
    others   bigint[]
);
create index board_hospital on record.board (kind, hospital, ends);
create index board_place    on record.board (place, kind) where place <> 0;

-- That somebody under a label lies in a place, and nothing else of them: for those whose page says
-- how many are not shown there.
create table record.board_mark (
    key      bigint      not null primary key,
    person   bigint      not null,
    hospital bigint      not null,
    place    bigint      not null,
    label    smallint    not null,
    class    smallint    not null,
    others   bigint[]
);
create index board_mark_hospital on record.board_mark (hospital);

-- The same locks, word for word, as on `token` and `mark`.
do $$
declare
    lock record;
begin
    for lock in
        select p.polname, p.polcmd, t.old, t.new,
               pg_get_expr(p.polqual, p.polrelid) as seen,
               pg_get_expr(p.polwithcheck, p.polrelid) as checked
        from (values ('token', 'board'), ('mark', 'board_mark')) t (old, new)
        join pg_policy p on p.polrelid = ('record.' || t.old)::regclass
    loop
        execute format(
            'create policy %I on record.%I for %s%s%s', lock.polname, lock.new,
            case lock.polcmd when 'r' then 'select' when 'a' then 'insert' when 'w' then 'update'
                             when 'd' then 'delete' end,
            ' using (' || regexp_replace(lock.seen, '\m' || lock.old || '\.', lock.new || '.', 'g') || ')',
            ' with check ('
            || regexp_replace(lock.checked, '\m' || lock.old || '\.', lock.new || '.', 'g') || ')');
    end loop;
end $$;
alter table record.board enable row level security;
alter table record.board force row level security;
alter table record.board_mark enable row level security;
alter table record.board_mark force row level security;
grant select, insert, delete, update (person, others) on record.board, record.board_mark
    to joinedup_app;

-- Keep the rows of a commit, whose heads are written and placed already: `replaced` are the keys
-- whose rows were of an earlier version, the other arrays have one element a row.
create function record.keep_board(
    replaced bigint[], keys bigint[], kinds smallint[], hospitals bigint[], places bigint[],
    pairs bigint[], ends timestamptz[], saids text[]
) returns void language plpgsql as $$
declare
    kept integer;
begin
    if cardinality(replaced) > 0 then
        delete from record.board b where b.key = any (replaced);
        delete from record.board_mark m where m.key = any (replaced);
    end if;
    insert into record.board (key, person, hospital, place, pair, ends, kind, label, class, said,
                              others)
    select u.key, h.person, u.hospital, u.place, u.pair, u.until, u.kind, h.label, h.class, u.said,
           h.others
    from unnest(keys, kinds, hospitals, places, pairs, ends, saids)
         u (key, kind, hospital, place, pair, until, said) join record.head h on h.key = u.key;
    get diagnostics kept = row_count;
    if kept <> cardinality(keys) then
        raise exception 'rows of the board without their heads';
    end if;
    insert into record.board_mark (key, person, hospital, place, label, class, others)
    select b.key, b.person, b.hospital, b.place, b.label, b.class, b.others
    from record.board b where b.key = any (keys) and b.kind = 1 and b.label <> 0;
end $$;

-- A number that differs as soon as anything on a board differs, for whoever asks again whether to
-- look again. It looks past the permit, so that asking is cheap, and tells nothing but that
-- something changed; whoever then looks sees what is theirs to see, and is in the audit for it.
create function record.board_turn(of_hospital bigint, of_ward bigint) returns bigint
language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    labels constant text := coalesce(current_setting('joinedup.labels', true), '');
    turn bigint;
begin
    perform set_config('joinedup.sees', '{0,2147483646}', true),
            set_config('joinedup.labels', '32767', true);
    select coalesce(sum(hashint8extended(b.key, b.xmin::text::bigint) >> 16), 0)::bigint into turn
    from record.board b
    where (of_hospital is null or b.hospital = of_hospital)
      and b.kind in (1, 2, 4) and b.ends = 'infinity'
      and (of_ward is null
           or b.key = of_ward or b.place = of_ward
           or (b.kind = 1 and b.place = any (array(
               select l.key from record.board l where l.place = of_ward and l.kind = 4)))
           or (b.kind = 2 and b.pair = any (array(
               select s.key from record.board s join record.board l on l.key = s.place
               where l.place = of_ward and l.kind = 4 and s.kind = 1))));
    perform set_config('joinedup.sees', sees, true), set_config('joinedup.labels', labels, true);
    return turn;
end $$;

-- Placed with the rest when people are joined and parted (0050).
create or replace function record.place(keys bigint[]) returns void language plpgsql as $$
declare
    sees constant text := coalesce(current_setting('joinedup.sees', true), '');
    changes constant text := coalesce(current_setting('joinedup.changes', true), '');
    labels constant text := coalesce(current_setting('joinedup.labels', true), '');
    name text;
begin
    perform set_config('joinedup.sees', '{0,2147483646}', true),
            set_config('joinedup.changes', '{0,2147483646}', true),
            set_config('joinedup.labels', '32767', true);
    update record.head h set person = p.person, others = p.others
    from (select v.key, w.person, record.kept_of(v.others, w.person) as others
          from record.head c join record.version v on v.key = c.key and v.version = c.version
               cross join lateral (select record.kept(v.person) as person offset 0) w
          where c.key = any (keys)) p
    where h.key = p.key and (h.person <> p.person or h.others is distinct from p.others);
    foreach name in array array['token', 'string', 'date', 'reference', 'quantity', 'uri',
                                'composite', 'word', 'claim', 'mark', 'board', 'board_mark'] loop
        execute format('update record.%I t set person = h.person, others = h.others
                        from record.head h
                        where t.key = any ($1) and h.key = t.key
                          and (t.person <> h.person or t.others is distinct from h.others)', name)
        using keys;
    end loop;
    perform set_config('joinedup.sees', sees, true),
            set_config('joinedup.changes', changes, true),
            set_config('joinedup.labels', labels, true);
end $$;

grant execute on function record.keep_board, record.board_turn to joinedup_app;
