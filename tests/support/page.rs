//! A response, with assertions on the text that users read.

use rocket::local::blocking::LocalRequest;

/// The response to a request.
#[derive(Debug)]
pub struct Page {
    pub status: u16,
    pub body: String,
    pub request_id: String,
    pub location: Option<String>,
    pub trigger: Option<String>,
    pub vary: Option<String>,
    headers: Vec<(String, String)>,
    pub etag: Option<String>,
}

impl Page {
    pub fn of(request: LocalRequest<'_>) -> Self {
        let response = request.dispatch();
        let header = |name: &str| response.headers().get_one(name).map(str::to_owned);
        let (location, trigger, vary) = (header("Location"), header("HX-Trigger"), header("Vary"));
        let etag = header("ETag");
        let request_id = header("X-Request-Id").unwrap_or_default();
        let is_stream = header("Content-Type").is_some_and(|kind| kind.starts_with("text/event-stream"));
        let all = response.headers().iter();
        let headers = all.map(|header| (header.name().to_string().to_lowercase(), header.value().to_owned())).collect();
        Self {
            status: response.status().code,
            headers,
            request_id,
            location,
            trigger,
            vary,
            etag,
            // A stream of events never ends by itself.
            body: if is_stream { String::new() } else { response.into_string().unwrap_or_default() },
        }
    }

    /// The first header of a name.
    pub fn header(&self, name: &str) -> Option<&str> {
        let named = self.headers.iter().find(|(found, _)| *found == name.to_lowercase());
        named.map(|(_, value)| value.as_str())
    }

    /// The cookie that the answer sets under a name.
    #[track_caller]
    pub fn cookie(&self, name: &str) -> &str {
        let start = format!("{name}=");
        let set = self.headers.iter().filter(|(found, _)| found == "set-cookie").map(|(_, value)| value.as_str());
        set.into_iter().find(|value| value.starts_with(&start)).unwrap_or_else(|| panic!("no cookie {name} is set"))
    }

    /// Asserts a status.
    #[track_caller]
    pub fn status(self, status: u16) -> Self {
        assert_eq!(self.status, status, "{}", self.body);
        self
    }

    /// Asserts that the visible text contains a text, whatever the markup between its words.
    #[track_caller]
    pub fn says(self, text: &str) -> Self {
        let read = self.text();
        assert!(read.contains(text), "{text:?} is not in: {read}");
        self
    }

    /// Asserts that the page does not contain a text.
    #[track_caller]
    pub fn does_not_say(self, text: &str) -> Self {
        let read = self.text();
        assert!(!read.contains(text), "{text:?} is in: {read}");
        self
    }

    /// Tells a whole document from a fragment.
    pub fn is_document(&self) -> bool {
        self.body.starts_with("<!DOCTYPE html>") && self.body.contains("<html")
    }

    /// The markup of the first link to an address.
    #[track_caller]
    pub fn link(&self, address: &str) -> String {
        let at = self.body.find(&format!("href=\"{address}\"")).unwrap_or_else(|| panic!("no link to {address}"));
        let (start, end) = (self.body[..at].rfind("<a").unwrap(), at + self.body[at..].find("</a>").unwrap());
        self.body[start..end].to_owned()
    }

    /// The cell of a day in the month: its link, badges and warnings.
    #[track_caller]
    pub fn day_cell(&self, date: &str) -> String {
        let at = self.body.find(&format!("data-date=\"{date}\"")).unwrap_or_else(|| panic!("no day {date}"));
        let (start, end) = (self.body[..at].rfind("<td").unwrap(), at + self.body[at..].find("</td>").unwrap());
        self.body[start..end].to_owned()
    }

    /// The visible text: no markup, entities resolved, single blanks.
    pub fn text(&self) -> String {
        text_of(&self.body)
    }

    /// The markup of the element with an id, up to the end of that element.
    #[track_caller]
    pub fn element(&self, id: &str) -> String {
        let (body, mark) = (&self.body, format!("id=\"{id}\""));
        let at = body.find(&mark).unwrap_or_else(|| panic!("no element {id} in: {body}"));
        let start = body[..at].rfind('<').unwrap();
        let name: String = body[start + 1..].chars().take_while(char::is_ascii_alphanumeric).collect();
        let (open, close) = (format!("<{name}"), format!("</{name}>"));
        let (mut depth, mut end) = (0, start);
        loop {
            let rest = &body[end..];
            let (opens, closes) = (rest.find(&open), rest.find(&close));
            match (opens, closes) {
                (Some(opens), Some(closes)) if opens < closes => (depth, end) = (depth + 1, end + opens + open.len()),
                (_, Some(closes)) => (depth, end) = (depth - 1, end + closes + close.len()),
                (_, None) => return body[start..].to_owned(),
            }
            if depth == 0 {
                return body[start..end].to_owned();
            }
        }
    }

    /// The visible text of the element with an id.
    #[track_caller]
    pub fn text_of(&self, id: &str) -> String {
        text_of(&self.element(id))
    }
}

/// The value of an attribute in the first tag of some markup, entities resolved.
pub fn attribute(markup: &str, name: &str) -> Option<String> {
    let tag = &markup[..markup.find('>')?];
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    rest.split_once('"').map(|(value, _)| unescaped(value))
}

/// The visible text of some markup.
pub fn text_of(markup: &str) -> String {
    let mut text = String::new();
    let mut inside = false;
    for c in markup.chars() {
        match c {
            '<' => inside = true,
            '>' => {
                inside = false;
                text.push(' ');
            }
            c if !inside => text.push(c),
            _ => {}
        }
    }
    unescaped(&text).split_whitespace().collect::<Vec<_>>().join(" ")
}

fn unescaped(text: &str) -> String {
    text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&")
}

/// The value of the option that is selected in a list.
pub fn selected(list: &str) -> Option<String> {
    let option =
        list.split("<option").find(|option| option.split('>').next().unwrap_or_default().contains(" selected"))?;
    attribute(option, "value")
}
