//! WCAG AA over the colours of the style: text 4.5 to 1, edges and rings 3 to 1, in light and dark.
//!
//! The formula is that of WCAG 2.2, "relative luminance" and "contrast ratio".

use std::{collections::BTreeMap, fs, path::Path};

const TEXT_MIN: f64 = 4.5;
const EDGE_MIN: f64 = 3.0;

/// What text stands on that has no ground of its own.
const GROUNDS: [&str; 4] = ["bg", "surface", "raised", "hover"];
/// Colours of such text.
const TEXTS: [&str; 4] = ["ink", "muted", "accent", "danger"];
const TYPES: [&str; 6] = ["core", "juicer", "supervisor", "freeosk", "digitals", "other"];
/// Tints, each with an ink of its own.
const TINTS: [&str; 4] = ["ok", "warn", "info", "bad"];

/// A colour's light and dark form: `("#f6f6f3", "#121418")`.
type Colours = BTreeMap<String, [String; 2]>;

fn style() -> String {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("assets/style");
    let files = fs::read_dir(folder).unwrap().map(|entry| fs::read_to_string(entry.unwrap().path()).unwrap());
    files.collect()
}

fn colours(style: &str) -> Colours {
    let colour = |line: &str| {
        let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(")?;
        let (light, dark) = value.strip_suffix(");")?.split_once(", ")?;
        light.starts_with('#').then(|| (name.to_owned(), [light.to_owned(), dark.to_owned()]))
    };
    style.lines().filter_map(colour).collect()
}

fn luminance(hex: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&hex[at..at + 2], 16).unwrap()) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(1) + 0.7152 * part(3) + 0.0722 * part(5)
}

fn contrast(one: &str, other: &str) -> f64 {
    let (one, other) = (luminance(one), luminance(other));
    (one.max(other) + 0.05) / (one.min(other) + 0.05)
}

#[track_caller]
fn assert_contrast(colours: &Colours, above: &str, below: &str, min: f64) {
    let find = |name: &str| colours.get(name).unwrap_or_else(|| panic!("there is no colour --{name}"));
    for (look, above_hex, below_hex) in
        [("light", &find(above)[0], &find(below)[0]), ("dark", &find(above)[1], &find(below)[1])]
    {
        let ratio = contrast(above_hex, below_hex);
        assert!(ratio >= min, "--{above} on --{below} in {look}: {ratio:.2}, less than {min}");
    }
}

#[test]
fn the_formula_is_that_of_the_standard() {
    assert!((contrast("#000000", "#ffffff") - 21.0).abs() < 0.01);
    assert!((contrast("#777777", "#ffffff") - 4.48).abs() < 0.01);
}

#[test]
fn every_text_is_readable_on_every_ground() {
    let colours = colours(&style());
    for ground in GROUNDS {
        for text in TEXTS {
            assert_contrast(&colours, text, ground, TEXT_MIN);
        }
    }
    for one in TYPES {
        assert_contrast(&colours, "on-type", one, TEXT_MIN);
        assert_contrast(&colours, &format!("{one}-ink"), &format!("{one}-bg"), TEXT_MIN);
    }
    for one in TINTS {
        assert_contrast(&colours, &format!("{one}-ink"), &format!("{one}-bg"), TEXT_MIN);
    }
}

/// Every rule that sets both, found in the style itself.
#[test]
fn every_ground_that_a_rule_sets_carries_the_text_that_it_sets() {
    let style = style();
    let colours = colours(&style);
    let token = |rule: &str, property: &str| {
        let declarations = rule.split(';').map(str::trim);
        let value = declarations.filter_map(|one| one.strip_prefix(property)).next_back()?;
        value.trim().strip_prefix("var(--")?.strip_suffix(')').map(str::to_owned)
    };
    let mut pairs = 0;
    for rule in style.split('}').filter_map(|rule| rule.rsplit_once('{').map(|(_, rule)| rule)) {
        let (text, ground) = (token(rule, "color:"), token(rule, "background:"));
        let Some((text, ground)) = text.zip(ground).filter(|(_, ground)| ground != "c" && ground != "tint") else {
            continue;
        };
        assert_contrast(&colours, &text, &ground, TEXT_MIN);
        pairs += 1;
    }
    assert!(pairs >= 8, "only {pairs} rules were found");
}

#[test]
fn edges_of_controls_and_rings_of_focus_are_seen() {
    let colours = colours(&style());
    for ground in GROUNDS {
        assert_contrast(&colours, "accent", ground, EDGE_MIN);
    }
    for ground in ["surface", "raised"] {
        assert_contrast(&colours, "edge", ground, EDGE_MIN);
    }
}
