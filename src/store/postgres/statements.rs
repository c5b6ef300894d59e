//! The statements, prepared once on each connection.

use tokio_postgres::{Client, Error, Statement, types::Type as T};

use crate::store::{
    catalog::Table,
    postgres::{replica::BEHIND_MAX, session::Target},
};

pub(super) struct Statements {
    pub version: Statement,
    /// The version, and the news from a version on up to it.
    pub seen: Statement,
    /// The keys changed after a version, with their values now.
    pub changed: Statement,
    pub lock: Statement,
    pub get: Statement,
    pub many: Statement,
    /// The first rows of several ranges, of any tables.
    pub first: Statement,
    pub up: Statement,
    pub down: Statement,
    pub apply: Statement,
    pub nonce: Statement,
    pub news: Statement,
    pub forget: Statement,
    pub bytes: Statement,
    pub lease: Statement,
    pub release: Statement,
}

/// The tables of a schema, as SQL.
struct Names {
    kv: String,
    gate: String,
    news: String,
    lease: String,
}

impl Statements {
    /// Prepares all in one round trip.
    pub async fn prepare(client: &Client, target: &Target) -> Result<Self, Error> {
        let [kv, gate, news, lease] = ["kv", "gate", "news", "lease"].map(|table| target.name(table));
        let names = Names { kv, gate, news, lease };
        let (begins, reads, writes, others) = tokio::try_join!(
            begins(client, &names),
            reads(client, &names),
            writes(client, &names),
            others(client, &names)
        )?;
        let ([version, seen, changed, lock], [get, many, first, up, down]) = (begins, reads);
        let ([apply, nonce, news, forget], [bytes, lease, release]) = (writes, others);
        Ok(Self {
            version,
            seen,
            changed,
            lock,
            get,
            many,
            first,
            up,
            down,
            apply,
            nonce,
            news,
            forget,
            bytes,
            lease,
            release,
        })
    }
}

/// Version, news, changed keys, lock.
async fn begins(client: &Client, Names { kv, gate, news, .. }: &Names) -> Result<[Statement; 4], Error> {
    let version = format!("SELECT version FROM {gate}");
    let seen = format!(
        "SELECT gate.version, news.version, news.nonce, news.keys IS NOT NULL FROM {gate} AS gate \
         LEFT JOIN LATERAL (SELECT version, nonce, keys FROM {news} AS news \
         WHERE news.version >= least($1, gate.version) ORDER BY news.version LIMIT {BEHIND_MAX} + 1) AS news ON true \
         ORDER BY news.version"
    );
    let changed = format!(
        "SELECT one.t, one.k, kv.v FROM (SELECT DISTINCT key.t, key.k FROM {news} AS news \
         CROSS JOIN LATERAL unnest(news.tables, news.keys) AS key(t, k) \
         WHERE news.version > $1 AND news.version <= $1 + {BEHIND_MAX}) AS one \
         LEFT JOIN LATERAL (SELECT v FROM {kv} AS kv WHERE kv.t = one.t AND kv.k = one.k LIMIT 1) AS kv ON true"
    );
    let lock = format!("SELECT version, format FROM {gate} WHERE NOT replaced FOR UPDATE");
    let (version, seen, changed, lock) = tokio::try_join!(
        client.prepare_typed(&version, &[]),
        client.prepare_typed(&seen, &[T::INT8]),
        client.prepare_typed(&changed, &[T::INT8]),
        client.prepare_typed(&lock, &[]),
    )?;
    Ok([version, seen, changed, lock])
}

/// One key, several keys, the first rows of ranges, a page upwards and downwards.
async fn reads(client: &Client, Names { kv, .. }: &Names) -> Result<[Statement; 5], Error> {
    let scan =
        |order: &str| format!("SELECT k, v FROM {kv} WHERE t = $1 AND k >= $2 AND k < $3 ORDER BY k {order} LIMIT $4");
    // The entries of an index end with the number of their event, which is read with them.
    let events = Table::Events.number();
    let event = |wanted: &str| {
        format!(
            "LEFT JOIN LATERAL (SELECT v FROM {kv} AS kv WHERE {wanted} AND kv.t = {events} \
             AND kv.k = substring(found.k FROM length(found.k) - 7) LIMIT 1) AS event ON true"
        )
    };
    let get = format!("SELECT v FROM {kv} WHERE t = $1 AND k = $2");
    let many = format!("SELECT k, v FROM {kv} WHERE t = $1 AND k = ANY($2)");
    let first = format!(
        "SELECT range.place, found.k, found.v, event.v FROM unnest($1, $2, $3, $5) WITH ORDINALITY \
         AS range(t, low, high, with_events, place) CROSS JOIN LATERAL (SELECT k, v FROM {kv} AS kv \
         WHERE kv.t = range.t AND k >= range.low AND k < range.high ORDER BY k LIMIT $4) AS found {} \
         ORDER BY range.place, found.k",
        event("range.with_events")
    );
    let up =
        format!("SELECT found.k, found.v, event.v FROM ({}) AS found {} ORDER BY found.k", scan("ASC"), event("$5"));
    let down = scan("DESC");
    let (get, many, first, up, down) = tokio::try_join!(
        client.prepare_typed(&get, &[T::INT2, T::BYTEA]),
        client.prepare_typed(&many, &[T::INT2, T::BYTEA_ARRAY]),
        client.prepare_typed(&first, &[T::INT2_ARRAY, T::BYTEA_ARRAY, T::BYTEA_ARRAY, T::INT8, T::BOOL_ARRAY]),
        client.prepare_typed(&up, &[T::INT2, T::BYTEA, T::BYTEA, T::INT8, T::BOOL]),
        client.prepare_typed(&down, &[T::INT2, T::BYTEA, T::BYTEA, T::INT8]),
    )?;
    Ok([get, many, first, up, down])
}

/// The changes of a write, its nonce, and the news.
async fn writes(client: &Client, Names { kv, gate, news, .. }: &Names) -> Result<[Statement; 4], Error> {
    let apply = format!(
        "WITH removed AS (DELETE FROM {kv} USING unnest($1, $2) AS gone(t, k) \
         WHERE kv.t = gone.t AND kv.k = gone.k), \
         put AS (INSERT INTO {kv} (t, k, v) SELECT * FROM unnest($3, $4, $5) \
         ON CONFLICT (t, k) DO UPDATE SET v = excluded.v), \
         counted AS (UPDATE {gate} SET version = $6, format = $7) \
         INSERT INTO {news} (version, nonce, days, tables, keys) \
         VALUES ($6, $8, $9, CASE WHEN $10 THEN $1 || $3 END, CASE WHEN $10 THEN $2 || $4 END)"
    );
    let nonce = format!("SELECT nonce FROM {news} WHERE version = $1");
    let since = format!("SELECT version, nonce, days FROM {news} WHERE version > $1 ORDER BY version LIMIT $2");
    let forget = format!("DELETE FROM {news} WHERE version < $1");
    let changes = [
        T::INT2_ARRAY,
        T::BYTEA_ARRAY,
        T::INT2_ARRAY,
        T::BYTEA_ARRAY,
        T::BYTEA_ARRAY,
        T::INT8,
        T::INT4,
        T::BYTEA,
        T::TEXT,
        T::BOOL,
    ];
    let (apply, nonce, since, forget) = tokio::try_join!(
        client.prepare_typed(&apply, &changes),
        client.prepare_typed(&nonce, &[T::INT8]),
        client.prepare_typed(&since, &[T::INT8, T::INT8]),
        client.prepare_typed(&forget, &[T::INT8]),
    )?;
    Ok([apply, nonce, since, forget])
}

/// The size, and leases.
async fn others(client: &Client, Names { kv, lease, .. }: &Names) -> Result<[Statement; 3], Error> {
    let bytes = format!(
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::int8 FROM pg_class c \
         WHERE c.relkind = 'r' AND c.relnamespace = (SELECT relnamespace FROM pg_class WHERE oid = '{kv}'::regclass)"
    );
    let hold = format!(
        "INSERT INTO {lease} (name, holder, ends) VALUES ($1, $2, now() + make_interval(secs => $3)) \
         ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, ends = excluded.ends \
         WHERE lease.holder = excluded.holder OR lease.ends < now()"
    );
    let release = format!("DELETE FROM {lease} WHERE holder = $1");
    let (bytes, hold, release) = tokio::try_join!(
        client.prepare_typed(&bytes, &[]),
        client.prepare_typed(&hold, &[T::TEXT, T::BYTEA, T::FLOAT8]),
        client.prepare_typed(&release, &[T::BYTEA]),
    )?;
    Ok([bytes, hold, release])
}
