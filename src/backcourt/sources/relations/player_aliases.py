"""Names under which feeds know a player: normalised spelling -> the NBA's number, in the words of a source and from a date on."""

from backcourt.engine.declare.table import ALWAYS, Relation

relation = Relation(
    grain=("name_normalised", "source", "from_date"),
    known=ALWAYS,
    dated=False,
    # Source '' is any of them. What a person settled is `decided`; the rest comes with the package.
    sql="""
    with decided as (
        select
            name_normalised, source, from_date, player_id,
            row_number() over (partition by name_normalised, source, from_date order by seq desc) as place
        from raw_name_decisions
    ),
    settled as (
        select name_normalised, source, from_date, player_id from decided where place = 1 and player_id is not null
    ),
    replaced as (
        select s.name_normalised from settled s where s.source = '' and s.from_date = date '1900-01-01'
    )
    select a.name_normalised, '' as source, date '1900-01-01' as from_date, min(p.player_id) as player_id, min(a.method) as method
    from raw_player_aliases a
    join players p on p.name_normalised = a.box_name_normalised
    where a.name_normalised not in (select name_normalised from replaced)
    group by a.name_normalised
    having count(distinct p.player_id) = 1
    union all
    select name_normalised, source, from_date, player_id, 'decided'
    from settled
    """,
)
