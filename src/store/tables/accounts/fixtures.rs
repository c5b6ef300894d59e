//! Users, sessions, tokens and links as version 1 wrote them, byte by byte.
//!
//! Invariant: a line of hex never changes. A new version adds its own lines and still reads these.

use chrono::{DateTime, Utc};
use tempfile::TempDir;

use crate::{
    domain::{
        ids::Revision,
        user::{
            PasswordHash, Role, User,
            access::{Digest, FeedOf, Lifetime, Link, LinkPurpose, Purpose, Session, Token},
        },
    },
    store::{
        Options, ReadTx, Store, StoreError, Table,
        tables::accounts::{links, sessions, tokens, users},
    },
};

const USER: &str = "01045a6fc3ab01010b246172676f6e32696424780103fdf47ae9cf3303000000";
const SESSION: &str = "01045a6fc3abfdf47ae9cf33030000fdf47ae9cf33030000093139322e302e322e370746697265666f78";
const TOKEN: &str = "0102020202020202020202020202020202020202020202020202020202020202020474696c6c01020001045a6fc3abfdf47ae9cf3303000001fdf47ae9cf3303000000";
const FEED: &str = "0103030303030303030303030303030303030303030303030303030303030303030474696c6c00010645313030303101045a6fc3abfdf47ae9cf3303000001fdf47ae9cf3303000000";
const LINK: &str = "0101045a6fc3abfdf47ae9cf33030000";

type Tested = Result<(), Box<dyn std::error::Error>>;

fn at() -> DateTime<Utc> {
    DateTime::from_timestamp_millis(1_760_533_200_250).unwrap_or_default()
}

fn session() -> Result<Session, Box<dyn std::error::Error>> {
    let (from, agent) = ("192.0.2.7".to_owned(), "Firefox".to_owned());
    Ok(Session { digest: Digest([1; 32]), user: "Zoë".parse()?, started_at: at(), seen_at: at(), from, agent })
}

fn user() -> Result<User, Box<dyn std::error::Error>> {
    Ok(User {
        name: "Zoë".parse()?,
        role: Role::Scheduler,
        password: Some(PasswordHash("$argon2id$x".to_owned())),
        active: true,
        revision: Revision(3),
        made_at: at(),
        last_sign_in: None,
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
fn records_are_written_as_they_always_were_and_read_back() -> Tested {
    let folder = TempDir::new()?;
    let store = Store::open(folder.path(), &Options::default())?;
    let (user, session) = (user()?, session()?);
    let calls = token(Purpose::Calls(Role::Admin), 2)?;
    let feed = token(Purpose::Feed(Some(FeedOf("E10001".parse()?))), 3)?;
    let link = Link { digest: Digest([4; 32]), purpose: LinkPurpose::Password("Zoë".parse()?), ends_at: at() };
    let day = chrono::TimeDelta::days(1);
    let lifetime = Lifetime { idle: day, whole: day };
    store.write(|tx| {
        users::put(tx, &user)?;
        sessions::begin(tx, &session, lifetime)?;
        tokens::put(tx, &calls)?;
        tokens::put(tx, &feed)?;
        links::create(tx, &link, at() - day)
    })?;

    let name = [user.name.folded().as_bytes(), &[0, 0]].concat();
    assert_eq!(stored(&store, Table::Users, &name)?, USER);
    assert_eq!(stored(&store, Table::Sessions, &[1; 32])?, SESSION);
    assert_eq!(stored(&store, Table::Tokens, &[2; 32])?, TOKEN);
    assert_eq!(stored(&store, Table::Tokens, &[3; 32])?, FEED);
    assert_eq!(stored(&store, Table::Links, &[4; 32])?, LINK);
    store.read(|tx| {
        assert_eq!(users::get(tx, &user.name)?.as_ref(), Some(&user));
        assert_eq!(sessions::of_user(tx, &user.name)?, [session]);
        assert_eq!(tokens::get(tx, calls.digest)?.as_ref(), Some(&calls));
        assert_eq!(tokens::get(tx, feed.digest)?.as_ref(), Some(&feed));
        assert_eq!(links::good(tx, link.digest, at() - day)?.as_ref(), Some(&link));
        Ok::<_, StoreError>(())
    })?;
    Ok(())
}
