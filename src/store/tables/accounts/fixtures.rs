//! Users, sessions, tokens and links as each version wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use crate::{
    domain::{
        ids::Revision,
        user::{
            Device, Identity, PasswordHash, Role, Scope, User,
            access::{Digest, Lifetime, Link, LinkPurpose, Purpose, Session, Token},
            second_factor::{SecondFactor, TotpSecret},
            visit::Visit,
        },
    },
    store::{
        Options, ReadTx, Store, StoreError, Table,
        tables::accounts::{links, sessions, tokens, users, visits},
    },
};

const USER: &str = "01045a6fc3ab01010b246172676f6e32696424780103fdf47ae9cf3303000000";
const SESSION: &str = "01045a6fc3abfdf47ae9cf33030000fdf47ae9cf33030000093139322e302e322e370746697265666f78";
const USER_V2: &str = "02045a6fc3ab01010b246172676f6e32696424780103fdf47ae9cf3303000000\
    010f7a6f65406578616d706c652e636f6d01\
    070707070707070707070707070707070707070705010808080808080808080808080808080808080808080808080808080808080808\
    fdf47ae9cf330300000112\
    68747470733a2f2f69642e6578616d706c6502733101\
    0909090909090909090909090909090909090909090909090909090909090909fdf47ae9cf33030000";
const SESSION_V2: &str = "02045a6fc3abfdf47ae9cf33030000fdf47ae9cf33030000093139322e302e322e370746697265666f78\
    fdf47ae9cf3303000001";
const FORGOTTEN: &str = "0103045a6fc3abfdf47ae9cf33030000";
const TOKEN: &str = "0102020202020202020202020202020202020202020202020202020202020202020474696c6c01020001045a6fc3abfdf47ae9cf3303000001fdf47ae9cf3303000000";
const FEED: &str = "0103030303030303030303030303030303030303030303030303030303030303030474696c6c00010645313030303101045a6fc3abfdf47ae9cf3303000001fdf47ae9cf3303000000";
/// The first visit, and one that began after a day.
const VISITS: [&str; 2] = ["01fdf47ae9cf3303000000", "01fdf43236da3303000001fdf47ae9cf33030000"];
const LINK: &str = "0101045a6fc3abfdf47ae9cf33030000";

type Tested = Result<(), Box<dyn std::error::Error>>;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_760_533_200_250).unwrap_or_default()
}

fn session() -> Result<Session, Box<dyn std::error::Error>> {
    let (from, agent) = ("192.0.2.7".to_owned(), "Firefox".to_owned());
    Ok(Session {
        digest: Digest([1; 32]),
        user: "Zoë".parse()?,
        started_at: at(),
        seen_at: at(),
        confirmed_at: at(),
        is_external: false,
        from,
        agent,
    })
}

fn user() -> Result<User, Box<dyn std::error::Error>> {
    Ok(User {
        password: Some(PasswordHash("$argon2id$x".to_owned())),
        revision: Revision(3),
        ..User::new("Zoë".parse()?, Role::Scheduler, at())
    })
}

/// A user with everything that version 2 adds.
fn full_user() -> Result<User, Box<dyn std::error::Error>> {
    let recovery = vec![Digest([8; 32])];
    Ok(User {
        email: Some("zoe@example.com".parse()?),
        second_factor: Some(SecondFactor { secret: TotpSecret([7; 20]), last_step: 5, recovery, since: at() }),
        identity: Some(Identity { issuer: "https://id.example".to_owned(), subject: "s1".to_owned() }),
        devices: vec![Device { digest: Digest([9; 32]), seen_at: at() }],
        ..user()?
    })
}

fn token(purpose: Purpose, number: u8) -> Result<Token, Box<dyn std::error::Error>> {
    Ok(Token {
        digest: Digest([number; 32]),
        label: "till".to_owned(),
        purpose,
        made_by: Some("Zoë".parse()?),
        made_at: at(),
        ends_at: Some(at()),
        used_at: None,
    })
}

fn stored(store: &Store, table: Table, key: &[u8]) -> Result<String, StoreError> {
    Ok(hex::encode(store.read(|tx| tx.get(table, key))?.unwrap_or_default()))
}

#[test]
fn records_of_version_1_are_read() -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let (user, session) = (user()?, session()?);
    let name = [user.name.folded().as_bytes(), &[0, 0]].concat();
    let (user_bytes, session_bytes) = (hex::decode(USER)?, hex::decode(SESSION)?);
    store.write(|tx| {
        tx.put(Table::Users, name.clone(), user_bytes.clone())?;
        tx.put(Table::Sessions, vec![1; 32], session_bytes.clone())
    })?;

    store.read(|tx| {
        assert_eq!(users::get(tx, &user.name)?.as_ref(), Some(&user));
        assert_eq!(sessions::of_user(tx, &user.name)?, [session]);
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

#[test]
fn records_are_written_as_they_always_were_and_read_back() -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let (user, session) = (full_user()?, Session { is_external: true, ..session()? });
    let calls = token(Purpose::Calls(Scope::Admin), 2)?;
    let feed = token(Purpose::Feed(Some("E10001".parse()?)), 3)?;
    let link = Link { digest: Digest([4; 32]), purpose: LinkPurpose::Password("Zoë".parse()?), ends_at: at() };
    let forgotten = Link { digest: Digest([5; 32]), purpose: LinkPurpose::Forgotten("Zoë".parse()?), ends_at: at() };
    let day = chrono::TimeDelta::days(1);
    let lifetime = Lifetime { idle: day, whole: day };
    store.write(|tx| {
        users::put(tx, &user)?;
        sessions::begin(tx, &session, lifetime)?;
        tokens::put(tx, &calls)?;
        tokens::put(tx, &feed)?;
        links::create(tx, &link, at() - day)?;
        links::create(tx, &forgotten, at() - day)
    })?;

    let name = [user.name.folded().as_bytes(), &[0, 0]].concat();
    assert_eq!(stored(&store, Table::Users, &name)?, USER_V2);
    assert_eq!(stored(&store, Table::Sessions, &[1; 32])?, SESSION_V2);
    assert_eq!(stored(&store, Table::Tokens, &[2; 32])?, TOKEN);
    assert_eq!(stored(&store, Table::Tokens, &[3; 32])?, FEED);
    assert_eq!(stored(&store, Table::Links, &[4; 32])?, LINK);
    assert_eq!(stored(&store, Table::Links, &[5; 32])?, FORGOTTEN);
    store.read(|tx| {
        assert_eq!(users::get(tx, &user.name)?.as_ref(), Some(&user));
        assert_eq!(sessions::of_user(tx, &user.name)?, [session]);
        assert_eq!(tokens::get(tx, calls.digest)?.as_ref(), Some(&calls));
        assert_eq!(tokens::get(tx, feed.digest)?.as_ref(), Some(&feed));
        for link in [&link, &forgotten] {
            assert_eq!(links::good(tx, link.digest, at() - day)?.as_ref(), Some(link));
        }
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}

#[test]
fn visits_are_written_as_they_always_were_and_read_back() -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let (name, day) = ("Zoë".parse()?, chrono::TimeDelta::days(1));
    let key = ["zoë".as_bytes(), &[0, 0]].concat();
    let visits = [Visit { seen_at: at(), before: None }, Visit { seen_at: at() + day, before: Some(at()) }];

    for (visit, bytes) in visits.into_iter().zip(VISITS) {
        store.write(|tx| visits::note(tx, &name, visit.seen_at))?;
        assert_eq!(stored(&store, Table::Visits, &key)?, bytes);
        assert_eq!(store.read(|tx| visits::of(tx, &name))?, Some(visit));
    }
    Ok(())
}
