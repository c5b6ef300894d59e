//! Subscribers are told of changes on disk, with the affected days.

use std::{
    collections::BTreeSet,
    pin::pin,
    task::{Context, Poll, Waker},
};

use tandem::store::{Days, News, Store, Subscriber};

use super::{Data, add, move_pair, pair};
use crate::domain::{date, event};

/// The next change received by a subscriber.
fn heard(subscriber: &mut Subscriber, store: &Store) -> Option<News> {
    match pin!(subscriber.next(|| store.version())).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(news) => news,
        Poll::Pending => None,
    }
}

#[test]
fn a_change_is_published_with_its_old_and_new_days() {
    let store = super::fresh();
    let pair = pair(606_001);
    add(&store, &pair).unwrap();
    let mut subscriber = store.listen();
    assert_eq!(heard(&mut subscriber, &store), None, "earlier changes are not published");

    move_pair(&store, pair[0].id, "2025-10-20").unwrap();

    let days = BTreeSet::from([pair[0].date().unwrap(), date("2025-10-20")]);
    assert_eq!(heard(&mut subscriber, &store), Some(News { version: store.version(), days: Days::These(days) }));
    assert_eq!(heard(&mut subscriber, &store), None);
}

#[test]
fn a_failed_change_is_not_published() {
    let data = Data::new();
    let store = data.open();
    let mut subscriber = store.listen();
    data.fail_points.arm_sync(tandem::store::StoreError::Full);

    add(&store, &[event(1, "Inventory")]).unwrap_err();

    assert_eq!(heard(&mut subscriber, &store), None);
}

#[test]
fn a_lagging_subscriber_is_told_that_everything_may_have_changed() {
    let store = super::fresh();
    let mut subscriber = store.listen();
    for number in 1..=70 {
        add(&store, &pair(606_000 + number)).unwrap();
    }
    assert_eq!(heard(&mut subscriber, &store), Some(News { version: store.version(), days: Days::All }));
}

#[test]
fn versions_continue_after_a_restart() {
    let data = Data::new();
    let store = data.open();
    add(&store, &[event(1, "Inventory")]).unwrap();
    let before = store.version();
    drop(store);
    assert_eq!(data.open().version(), before);
}
