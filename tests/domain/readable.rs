//! Readable names: a table of event names, and one of people's names.

use proptest::prelude::*;
use tandem::domain::{
    employee::{
        Employee, JobTitle,
        name::{Namesakes, shown},
    },
    event::readable::readable,
};

/// Name, product, details.
const EVENTS: &[(&str, &str, &str)] = &[
    ("606001-CORE-Super Pretzel", "Super Pretzel", ""),
    ("606001-Supervisor-Super Pretzel", "Super Pretzel", ""),
    ("606004-core-Lowercase Test", "Lowercase Test", ""),
    ("606004-CORE-iPhone Case", "iPhone Case", ""),
    ("606004-CORE-Vegan eBikeRack", "Vegan eBike Rack", ""),
    ("606004-CORE-İNCİR REÇELİ", "İncir Reçeli", ""),
    ("606005-CORE-Coca-Cola Zero", "Coca-Cola Zero", ""),
    ("ABC123-CORE-Invalid Number", "Invalid Number", "ABC123"),
    ("Juicer Production - Costco #123", "Juicer Production - Costco #123", ""),
    ("Unscheduled CORE Event 1", "Unscheduled CORE Event 1", ""),
    ("612202-LKD-AF-Red & Green Grapes (250822530262)  - V2-CORE", "Red & Green Grapes", "LKD-AF"),
    ("612202-LKD-AF-Red & Green Grapes (250822530262)  - V2-Superv", "Red & Green Grapes", "LKD-AF"),
    ("612202-LKD-AF-Red & Green Grapes (2508225", "Red & Green Grapes", "LKD-AF"),
    ("608143-Tyson-Mega Dino Nuggets (250707525013)  - V2-Supervisor", "Mega Dino Nuggets", "Tyson"),
    (
        "610125-Kinders-SmokehouseSalt&Pepper/ChickenBreast (250729527559)  - V2-Supervisor",
        "Smokehouse Salt & Pepper / Chicken Breast",
        "Kinders",
    ),
    (
        "603713-GlennValley-Gary'sQuickSteak100%Sirloin (250425518887)  - V2-CORE",
        "Gary's Quick Steak 100% Sirloin",
        "Glenn Valley",
    ),
    ("606014-AstroChef-JalapenoMac&Cheese (250905531245)  - V2-CORE", "Jalapeno Mac & Cheese", "Astro Chef"),
    ("607707-McCormick-Blackened Chicken Alfredo (250701524453)  - V2-CORE", "Blackened Chicken Alfredo", "McCormick"),
    ("605830-JJSF-Luigi's Italian Ice (250602521788)  - V2-CORE", "Luigi's Italian Ice", "JJSF"),
    ("610632-Trilliant- Nurri Vanilla (250801528187)  - V2-CORE", "Nurri Vanilla", "Trilliant"),
    ("610642-BlueTriton/SplashRefresher (250804528207)  - V2-CORE", "Blue Triton / Splash Refresher", ""),
    ("610651-PKKinders-Caramelized Onion (250804528216)  - V2-CORE", "Caramelized Onion", "PK Kinders"),
    ("610660-Rana-Tortellini / Ravioli (250804528226)  - V2-CORE", "Tortellini / Ravioli", "Rana"),
    ("610685-LKD-CF-FreshSqueezedOJ (250804528276)  - V2-CORE", "Fresh Squeezed OJ", "LKD-CF"),
    ("610710-LaTerra-Quiche (250805528343)  - V2-CORE", "Quiche", "La Terra"),
    ("611330-LiquidIV-OrangeDream/VarietyPack (250917532634)  - V2-CORE", "Orange Dream / Variety Pack", "Liquid IV"),
    ("611640-AF-MM Fruit Snacks / Toffee Truffle (250815529565)  - V2-CORE", "MM Fruit Snacks / Toffee Truffle", "AF"),
    ("612098-VP-Ready RefreshSC (250821530141)  - Vendor Performed", "Ready Refresh SC", "VP, Vendor Performed"),
    ("612099-AF-SuperGreens/AlkalineWater (250905531281)  - V2-CORE", "Super Greens / Alkaline Water", "AF"),
    ("612575-CF-BFast Bar / Chocolate Pretzels (250905531294)  - V2-CORE", "BFast Bar / Chocolate Pretzels", "CF"),
    ("612724-LKD-CF-Orange/Lemonade/Limeade (250904531138)  - V2-CORE", "Orange / Lemonade / Limeade", "LKD-CF"),
    ("612859-Carl Buddig-Beef Sticks (250908531370)  - V2-CORE", "Beef Sticks", "Carl Buddig"),
    ("612965-DistinctiveFoods-MINI HAWAIIAN DOGS (250909531527)  - V2-CORE", "Mini Hawaiian Dogs", "Distinctive Foods"),
    (
        "613144-DFS-Honey & Garlic Butter / Artesano (250910531748)  - V2-CORE",
        "Honey & Garlic Butter / Artesano",
        "DFS",
    ),
    (
        "09.23-DD-Kinder's-Spanglish Seasonings (250805528298)  - 09.23 Digital Refresh",
        "Spanglish Seasonings",
        "09.23-DD, Kinder's, Digital Refresh",
    ),
    (
        "09.26-DD-P&G-Bounce Select A Size (250805528334)  - 09.26 Digital Teardown",
        "Bounce Select A Size",
        "09.26-DD, P&G, Digital Teardown",
    ),
    (
        "09.26-DD-Liquid IV-Variety Pack (250811528994)  - 09.26 Digital Refresh",
        "Variety Pack",
        "09.26-DD, Liquid IV, Digital Refresh",
    ),
    ("09.23-LKD-FSK-Daily Service-9AM (250904531164)  - V2 - Freeosk", "Daily Service", "09.23-LKD-FSK, 9AM"),
    ("09.26-LKD-FSK-Mott's-CO-9AM (250915532218)  - V2 - Freeosk", "Mott's", "09.26-LKD-FSK, CO, 9AM"),
    ("09-23 8HR-ES1-JUICER-PRODUCTION-SPCLTY (250806528457)  - ES1", "Juicer Production Spclty", "09-23-8HR-ES1"),
    (
        "09-23 Juicer Survey (250811529089)  - V2.7 Juicer Production Survey",
        "Juicer Survey",
        "09-23, Juicer Production Survey",
    ),
    ("Wk35-AF-GreekYogurt (250811529089)  - V2-CORE", "Greek Yogurt", "Wk35-AF"),
    ("606001-CORE", "CORE", ""),
    ("(250811529089)", "(250811529089)", ""),
    ("", "", ""),
];

#[test]
fn the_title_of_an_event_begins_with_its_product() {
    let wrong: Vec<_> = EVENTS
        .iter()
        .map(|(name, product, details)| (name, ((*product).to_owned(), (*details).to_owned()), readable(name)))
        .map(|(name, wanted, found)| (name, wanted, (found.product, found.details.join(", "))))
        .filter(|(_, wanted, found)| wanted != found)
        .map(|(name, wanted, found)| format!("{name:?}: {found:?}, not {wanted:?}\n"))
        .collect();
    assert!(wrong.is_empty(), "\n{}", wrong.concat());
}

#[test]
fn a_person_in_capitals_is_shown_in_normal_case() {
    for (name, wanted) in [
        ("BLAKE RIVERS", "Blake Rivers"),
        ("İBRAHİM ÇELİK", "İbrahim Çelik"),
        ("O'NEIL", "O'Neil"),
        ("SEAN O’NEIL", "Sean O’Neil"),
        ("MCDONALD", "McDonald"),
        ("RONALD MCDONALD-SMITH III", "Ronald McDonald-Smith III"),
        ("JD SMITH", "JD Smith"),
        ("AJ LEE", "AJ Lee"),
        ("AL LEE", "Al Lee"),
        ("T.J. HOOKER", "T.J. Hooker"),
        ("DE LA CRUZ, ANA", "De La Cruz, Ana"),
        ("ZOË ÉTOILE", "Zoë Étoile"),
        ("JOE D'S", "Joe D's"),
        ("MC LYTE", "MC Lyte"),
        ("Casey Quinn", "Casey Quinn"),
        ("van der Berg", "van der Berg"),
        ("李小龍", "李小龍"),
        ("X", "X"),
        ("", ""),
    ] {
        assert_eq!(shown(name), wanted, "{name}");
    }
}

#[test]
fn two_people_of_one_name_are_shown_with_their_ids() {
    let person = |id: &str, name: &str| Employee::new(id.parse().unwrap(), name.to_owned(), JobTitle::EventSpecialist);
    let people = [person("101", "JANE DOE"), person("102", "Jane Doe"), person("103", "Jane Roe")];

    let namesakes = Namesakes::among(&people);

    let names: Vec<_> = people.iter().map(|one| namesakes.name_of(one)).collect();
    assert_eq!(names, ["Jane Doe (101)", "Jane Doe (102)", "Jane Roe"]);
}

proptest! {
    #[test]
    fn no_letter_or_digit_of_a_product_is_invented(name in "\\PC{0,80}") {
        let folded = tandem::domain::alike::folded(&name).to_lowercase();
        let product = readable(&name).product.to_lowercase();
        for sign in product.chars().filter(|sign| sign.is_alphanumeric()) {
            prop_assert!(folded.contains(sign), "{product:?} of {name:?}");
        }
        prop_assert_eq!(product.is_empty(), folded.trim().is_empty());
    }

    #[test]
    fn a_shown_name_differs_in_case_only(name in "\\PC{0,40}") {
        prop_assert_eq!(shown(&name).to_lowercase(), name.to_lowercase());
    }
}
