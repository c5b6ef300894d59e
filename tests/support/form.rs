//! A form as a browser without scripts sends it: the fields of the page, and changes to them.

use super::{App, Page, page::attribute};

/// The fields that a form sends.
#[derive(Clone, Debug)]
pub struct Form {
    address: String,
    fields: Vec<(String, String)>,
}

impl Page {
    /// The form with this action, filled as on the page.
    #[track_caller]
    pub fn form(&self, address: &str) -> Form {
        let at = self.body.find(&format!("action=\"{address}\"")).unwrap_or_else(|| panic!("no form to {address}"));
        let start = self.body[..at].rfind("<form").unwrap();
        let markup = &self.body[start..start + self.body[start..].find("</form>").unwrap()];
        Form { address: address.to_owned(), fields: controls(markup) }
    }
}

/// Any form on a page.
#[derive(Clone, Debug)]
pub struct Found {
    pub is_post: bool,
    pub address: String,
    /// Names and values, as a browser would send them.
    pub fields: Vec<(String, String)>,
}

impl Page {
    /// Every form of the page, except file uploads.
    pub fn forms(&self) -> Vec<Found> {
        let markups =
            self.body.split("<form").skip(1).filter_map(|rest| Some(format!("<form{}", rest.split_once("</form>")?.0)));
        let found = markups.filter(|markup| attribute(markup, "enctype").is_none()).filter_map(|markup| {
            let is_post = attribute(&markup, "method").is_some_and(|method| method == "post");
            Some(Found { is_post, address: attribute(&markup, "action")?, fields: controls(&markup) })
        });
        found.collect()
    }
}

/// Names and values of the controls that a browser sends.
fn controls(markup: &str) -> Vec<(String, String)> {
    let starts = ["<input", "<select", "<textarea"].iter().flat_map(|tag| markup.match_indices(tag));
    let mut starts: Vec<usize> = starts.map(|(at, _)| at).collect();
    starts.sort_unstable();
    starts.into_iter().filter_map(|at| control(&markup[at..])).collect()
}

fn control(markup: &str) -> Option<(String, String)> {
    let tag = &markup[..=markup.find('>')?];
    let name = attribute(tag, "name")?;
    if tag.contains(" disabled") {
        return None;
    }
    let value = if tag.starts_with("<select") {
        let options = &markup[..markup.find("</select>")?];
        let chosen = options.split("<option").skip(1);
        let chosen =
            chosen.clone().find(|one| one[..one.find('>').unwrap()].contains(" selected")).or(chosen.clone().next());
        attribute(&format!("<option{}", chosen?), "value")?
    } else if tag.starts_with("<textarea") {
        markup[tag.len()..markup.find("</textarea>")?].to_owned()
    } else {
        let is_box = attribute(tag, "type").is_some_and(|kind| kind == "checkbox");
        if is_box && !tag.contains(" checked") {
            return None;
        }
        attribute(tag, "value").unwrap_or_default()
    };
    Some((name, value))
}

impl Form {
    /// The value of a field; empty if it is not sent.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(one, _)| one == name).map_or("", |(_, value)| value.as_str())
    }

    /// The same with a field filled in, or a box ticked.
    #[must_use]
    pub fn with(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(one, _)| one != name);
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with one more field, whatever is sent under its name.
    #[must_use]
    pub fn and(mut self, name: &str, value: &str) -> Self {
        self.fields.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The same with a field not sent: a box unticked.
    #[must_use]
    pub fn without(mut self, name: &str) -> Self {
        self.fields.retain(|(one, _)| one != name);
        self
    }

    /// The same with one of the boxes of a name unticked.
    #[must_use]
    pub fn unticked(mut self, name: &str, value: &str) -> Self {
        self.fields.retain(|(one, ticked)| (one.as_str(), ticked.as_str()) != (name, value));
        self
    }

    /// Number of fields whose name has this suffix.
    pub fn count(&self, end: &str) -> usize {
        self.fields.iter().filter(|(name, _)| name.ends_with(end)).count()
    }

    fn pairs(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub fn send(&self, app: &App) -> Page {
        app.post(&self.address, &self.pairs())
    }

    /// As htmx sends it from the dialog.
    pub fn send_from_dialog(&self, app: &App) -> Page {
        app.post_from_dialog(&self.address, &self.pairs())
    }

    /// As htmx sends it while a user fills it in.
    pub fn check(&self, app: &App, changed: u64) -> Page {
        let changed = changed.to_string();
        let more = [("check", "true"), ("changed", changed.as_str())];
        app.post_from_dialog(&self.address, &[self.pairs(), more.to_vec()].concat())
    }
}
