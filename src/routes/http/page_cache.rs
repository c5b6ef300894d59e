//! Pages that were drawn for this version of the store, so that nobody draws them twice.
//!
//! Rule of this file: what is on the shelf is of one version of the store. The next one empties it.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    routes::{
        api::etag,
        http::{compression::gzip_soon, reply::Shape},
    },
    views::layout::Who,
};

/// Memory for pages, in bytes: some hundred months, or two hundred days of fifty events.
const PAGES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// A page above this is drawn each time: it would leave no room for others, in bytes.
const PAGE_BYTES_MAX: usize = PAGES_BYTES_MAX / 4;

/// All that a page is drawn from, beside the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The page's own address, filter and all.
    pub address: String,
    pub shape: Shape,
    pub today: NaiveDate,
    /// The token of the session, which its forms carry.
    pub token: String,
    pub who: Option<Who>,
    /// Problems that the header counts.
    pub problems: u64,
}

/// A page as it travels.
#[derive(Debug)]
pub struct RenderedPage {
    pub tag: String,
    pub plain: Arc<[u8]>,
    gzip: OnceLock<Option<Arc<[u8]>>>,
    /// From when on it is wrong although nothing changed; none if it never is.
    until: Option<DateTime<Utc>>,
}

impl RenderedPage {
    pub fn new(body: String, until: Option<DateTime<Utc>>) -> Self {
        Self { tag: etag::tag(body.as_bytes()), plain: body.into_bytes().into(), gzip: OnceLock::new(), until }
    }

    /// The page as gzip, compressed the first time that somebody takes it so.
    pub fn gzip(&self) -> Option<&Arc<[u8]>> {
        let compress = || -> io::Result<_> { Ok(gzip_soon(&self.plain)?.into()) };
        self.gzip.get_or_init(|| compress().ok()).as_ref()
    }

    fn bytes(&self) -> usize {
        self.plain.len() + self.gzip.get().and_then(Option::as_ref).map_or(0, |gzip| gzip.len())
    }

    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

/// The pages of one version of the store.
#[derive(Debug, Default)]
pub struct Shelf(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    generation: u64,
    drawn: HashMap<Key, (Arc<RenderedPage>, usize)>,
    /// The keys, oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl Shelf {
    /// The page, if it was drawn at this generation of the store and is still right.
    pub fn find(&self, key: &Key, generation: u64, now: DateTime<Utc>) -> Option<Arc<RenderedPage>> {
        let pages = self.pages();
        let (page, _) = pages.drawn.get(key).filter(|_| pages.generation == generation)?;
        page.is_good(now).then(|| Arc::clone(page))
    }

    /// Keeps a page that was drawn at this generation of the store. The oldest make room for it.
    pub fn put(&self, key: Key, generation: u64, page: &Arc<RenderedPage>) {
        let bytes = page.bytes();
        let mut pages = self.pages();
        if bytes > PAGE_BYTES_MAX || generation < pages.generation {
            return;
        }
        if generation > pages.generation {
            *pages = Pages { generation, ..Pages::default() };
        }
        pages.remove(&key);
        while pages.bytes + bytes > PAGES_BYTES_MAX
            && let Some(oldest) = pages.order.front().cloned()
        {
            pages.remove(&oldest);
        }
        pages.bytes += bytes;
        pages.order.push_back(key.clone());
        pages.drawn.insert(key, (Arc::clone(page), bytes));
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn remove(&mut self, key: &Key) {
        if let Some((_, bytes)) = self.drawn.remove(key) {
            self.bytes -= bytes;
            self.order.retain(|one| one != key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(address: &str) -> Key {
        let (token, today) = (String::new(), NaiveDate::default());
        Key { address: address.to_owned(), shape: Shape::Document, today, token, who: None, problems: 0 }
    }

    fn page(bytes: usize) -> Arc<RenderedPage> {
        Arc::new(RenderedPage::new("x".repeat(bytes), None))
    }

    #[test]
    fn a_page_of_another_generation_is_not_found_and_not_kept() {
        let (shelf, now) = (Shelf::default(), DateTime::default());
        shelf.put(key("/a"), 2, &page(10));
        assert!(shelf.find(&key("/a"), 2, now).is_some());
        assert!(shelf.find(&key("/a"), 3, now).is_none(), "the store went on");

        shelf.put(key("/a"), 1, &page(10));
        assert!(shelf.find(&key("/a"), 1, now).is_none(), "drawn before the store went on");
        shelf.put(key("/b"), 3, &page(10));
        assert!(shelf.find(&key("/a"), 2, now).is_none(), "the shelf was emptied");
    }

    #[test]
    fn the_oldest_pages_make_room_and_a_huge_one_gets_none() {
        let (shelf, now) = (Shelf::default(), DateTime::default());
        let addresses: Vec<_> = (0..6).map(|number| format!("/{number}")).collect();
        for address in &addresses {
            shelf.put(key(address), 1, &page(PAGE_BYTES_MAX));
        }
        shelf.put(key("/huge"), 1, &page(PAGE_BYTES_MAX + 1));

        let kept = addresses.iter().filter(|address| shelf.find(&key(address), 1, now).is_some());
        assert_eq!(kept.collect::<Vec<_>>(), ["/2", "/3", "/4", "/5"]);
        assert!(shelf.find(&key("/huge"), 1, now).is_none());
        assert!(shelf.pages().bytes <= PAGES_BYTES_MAX);
    }

    #[test]
    fn a_page_that_time_makes_wrong_is_found_no_longer() {
        let shelf = Shelf::default();
        let until = DateTime::default();
        shelf.put(key("/a"), 1, &Arc::new(RenderedPage::new("x".to_owned(), Some(until))));
        assert!(shelf.find(&key("/a"), 1, until).is_some());
        assert!(shelf.find(&key("/a"), 1, until + chrono::TimeDelta::milliseconds(1)).is_none());
    }
}
