//! In-memory cache of rendered pages, keyed by URL, session and state of the header.
//!
//! Invariant: all cached pages are of one version of the store. The next version empties the cache.

use std::{
    collections::{HashMap, VecDeque},
    io,
    sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError},
};

use chrono::{DateTime, NaiveDate, Utc};

use crate::{
    routes::{
        http::{compression::gzip_fast, etag},
        render::reply::Shape,
    },
    views::components::layout::Who,
};

/// Size of the cache, in bytes: about a hundred months, or two hundred days of fifty events.
const PAGES_BYTES_MAX: usize = 8 * 1024 * 1024;
/// Larger pages are not cached, in bytes.
const PAGE_BYTES_MAX: usize = PAGES_BYTES_MAX / 4;

/// Everything that a page depends on, except the store.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The URL of the page with its filter.
    pub address: String,
    pub shape: Shape,
    pub today: NaiveDate,
    /// The form token of the session.
    pub token: String,
    pub who: Option<Who>,
    /// Number of problems in the header.
    pub problems: u64,
}

#[derive(Debug)]
pub struct RenderedPage {
    pub tag: String,
    pub plain: Arc<[u8]>,
    gzip: OnceLock<Option<Arc<[u8]>>>,
    /// Time after which the page is out of date although the store has not changed.
    until: Option<DateTime<Utc>>,
}

impl RenderedPage {
    pub fn new(body: String, until: Option<DateTime<Utc>>) -> Self {
        Self { tag: etag::tag(body.as_bytes()), plain: body.into_bytes().into(), gzip: OnceLock::new(), until }
    }

    /// The page as gzip, compressed at the first use.
    pub fn gzip(&self) -> Option<&Arc<[u8]>> {
        let compress = || -> io::Result<_> { Ok(gzip_fast(&self.plain)?.into()) };
        self.gzip.get_or_init(|| compress().ok()).as_ref()
    }

    fn bytes(&self) -> usize {
        self.plain.len() + self.gzip.get().and_then(Option::as_ref).map_or(0, |gzip| gzip.len())
    }

    fn is_good(&self, now: DateTime<Utc>) -> bool {
        self.until.is_none_or(|until| now <= until)
    }
}

#[derive(Debug, Default)]
pub struct PageCache(Mutex<Pages>);

#[derive(Debug, Default)]
struct Pages {
    version: u64,
    rendered: HashMap<Key, (Arc<RenderedPage>, usize)>,
    /// The keys, oldest first.
    order: VecDeque<Key>,
    bytes: usize,
}

impl PageCache {
    /// The page, if it was rendered at this version of the store and is up to date.
    pub fn find(&self, key: &Key, version: u64, now: DateTime<Utc>) -> Option<Arc<RenderedPage>> {
        let pages = self.pages();
        let (page, _) = pages.rendered.get(key).filter(|_| pages.version == version)?;
        page.is_good(now).then(|| Arc::clone(page))
    }

    /// Adds a page that was rendered at this version of the store. The oldest pages are dropped to make space.
    pub fn put(&self, key: Key, version: u64, page: &Arc<RenderedPage>) {
        let bytes = page.bytes();
        let mut pages = self.pages();
        if bytes > PAGE_BYTES_MAX || version < pages.version {
            return;
        }
        if version > pages.version {
            *pages = Pages { version, ..Pages::default() };
        }
        pages.remove(&key);
        while pages.bytes + bytes > PAGES_BYTES_MAX
            && let Some(oldest) = pages.order.front().cloned()
        {
            pages.remove(&oldest);
        }
        pages.bytes += bytes;
        pages.order.push_back(key.clone());
        pages.rendered.insert(key, (Arc::clone(page), bytes));
    }

    fn pages(&self) -> MutexGuard<'_, Pages> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Pages {
    fn remove(&mut self, key: &Key) {
        if let Some((_, bytes)) = self.rendered.remove(key) {
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
    fn a_page_of_another_version_is_not_found_and_not_cached() {
        let (cache, now) = (PageCache::default(), DateTime::default());
        cache.put(key("/a"), 2, &page(10));
        assert!(cache.find(&key("/a"), 2, now).is_some());
        assert!(cache.find(&key("/a"), 3, now).is_none(), "the store has changed");

        cache.put(key("/a"), 1, &page(10));
        assert!(cache.find(&key("/a"), 1, now).is_none(), "rendered before the store changed");
        cache.put(key("/b"), 3, &page(10));
        assert!(cache.find(&key("/a"), 2, now).is_none(), "the cache was emptied");
    }

    #[test]
    fn the_oldest_pages_are_dropped_and_a_huge_page_is_not_cached() {
        let (cache, now) = (PageCache::default(), DateTime::default());
        let addresses: Vec<_> = (0..6).map(|number| format!("/{number}")).collect();
        for address in &addresses {
            cache.put(key(address), 1, &page(PAGE_BYTES_MAX));
        }
        cache.put(key("/huge"), 1, &page(PAGE_BYTES_MAX + 1));

        let cached = addresses.iter().filter(|address| cache.find(&key(address), 1, now).is_some());
        assert_eq!(cached.collect::<Vec<_>>(), ["/2", "/3", "/4", "/5"]);
        assert!(cache.find(&key("/huge"), 1, now).is_none());
        assert!(cache.pages().bytes <= PAGES_BYTES_MAX);
    }

    #[test]
    fn a_page_past_its_time_is_not_found() {
        let cache = PageCache::default();
        let until = DateTime::default();
        cache.put(key("/a"), 1, &Arc::new(RenderedPage::new("x".to_owned(), Some(until))));
        assert!(cache.find(&key("/a"), 1, until).is_some());
        assert!(cache.find(&key("/a"), 1, until + chrono::TimeDelta::milliseconds(1)).is_none());
    }
}
