//! Invented names of people, stores and products, and names of events as real exports spell them.
//!
//! Invariant: no name is real, and every event name parses as the type it was generated for.

use chrono::NaiveDate;
use fastrand::Rng;

use crate::domain::event::Location;

const GIVEN_NAMES: [&str; 40] = [
    "Adele", "Amir", "Beatriz", "Caleb", "Carmen", "Chidi", "Dana", "Darius", "Elena", "Emeka", "Farah", "Felix",
    "Grace", "Gwen", "Hector", "Imani", "Irene", "Jamal", "Joan", "Kavya", "Kenji", "Lena", "Luis", "Maeve", "Marcus",
    "Mei", "Nadia", "Noel", "Olga", "Omar", "Paula", "Pedro", "Quinn", "Rosa", "Samir", "Tessa", "Tomas", "Uma",
    "Victor", "Wanda",
];

const FAMILY_NAMES: [&str; 40] = [
    "Abbott",
    "Acosta",
    "Baptiste",
    "Brandt",
    "Calloway",
    "Castellano",
    "Dempsey",
    "Doyle",
    "Eriksen",
    "Farrow",
    "Fontaine",
    "Galvan",
    "Greer",
    "Hale",
    "Holloway",
    "Ibarra",
    "Jansen",
    "Joshi",
    "Kowalski",
    "Lachance",
    "Lindqvist",
    "Maddox",
    "Marchetti",
    "Nakamura",
    "Novak",
    "Okafor",
    "Osei",
    "Pacheco",
    "Pruitt",
    "Quintero",
    "Rahman",
    "Rourke",
    "Sandoval",
    "Sokolov",
    "Thayer",
    "Tran",
    "Underhill",
    "Vasquez",
    "Whitlock",
    "Zamora",
];

/// The first three are the demo's.
const PLACES: [&str; 40] = [
    "Harbor",
    "Mill Creek",
    "Northgate",
    "Alder Grove",
    "Bay Ridge",
    "Birchwood",
    "Canyon View",
    "Cedar Falls",
    "Clearwater",
    "Copper Hill",
    "Crestline",
    "Dogwood",
    "Eagle Point",
    "Fairmont",
    "Fox Hollow",
    "Glenbrook",
    "Granite Bay",
    "Hawthorne",
    "Highland Park",
    "Ironwood",
    "Juniper Flats",
    "Kingsbridge",
    "Lakeshore",
    "Larkspur",
    "Magnolia",
    "Maple Heights",
    "Meadowlark",
    "Oak Bend",
    "Orchard Hill",
    "Palisade",
    "Pinecrest",
    "Quail Run",
    "Redstone",
    "River Bend",
    "Rosemont",
    "Silver Lake",
    "Stonebridge",
    "Sycamore",
    "Timberline",
    "Willow Glen",
];

/// Suffixes that distinguish stores of the same place.
const QUARTERS: [&str; 10] =
    ["", " North", " South", " East", " West", " Central", " Plaza", " Commons", " II", " III"];

const BRANDS: [(&str, [&str; 6]); 20] = [
    (
        "Sunny Acre",
        ["Red & Green Grapes", "Mandarin Cups", "Apple Slices", "Mango Spears", "Berry Medley", "Fig Bites"],
    ),
    ("Old Quarry", ["Honey & Garlic Butter", "Sea Salt Butter", "Whipped Ghee", "Crescent Roll", "Brioche", "Naan"]),
    ("Blue Heron", ["Smoked Salmon", "Crab Cakes", "Shrimp Skewers", "Tuna Poke", "Cod Fillets", "Lobster Bisque"]),
    ("PrairieGold", ["Beef Sticks", "Quick Steak 100% Sirloin", "Mini Tacos", "Meatballs", "Pot Roast", "Brisket"]),
    ("Nonna Lucia", ["Tortellini / Ravioli", "Lasagna", "Gnocchi", "Parm Cheese", "Italian Ice", "Pesto Duo"]),
    ("Maple & Oak", ["Eggo-Style Waffles", "Pancake Mix", "Granola Clusters", "Oat Bites", "Syrup", "French Toast"]),
    ("CrispCo", ["Sweet Chili Crisps", "Kettle Chips", "Pita Chips", "Variety Snack Bag", "Popcorn", "Rice Crackers"]),
    ("Verde Valle", ["Guacamole", "Jalapeño Mac & Cheese", "Street Corn", "Salsa Fresca", "Queso Dip", "Tamales"]),
    ("FrostHaven", ["Ice Cream Bars", "Pumpkin Cheesecake / Minis", "Gelato", "Fruit Pops", "Sorbet", "Mochi"]),
    (
        "Daybreak",
        ["Cold Brew", "Pumpkin Spice Creamer", "Coffee / Breakfast Bar", "Chai Latte", "Cocoa", "Espresso Shots"],
    ),
    ("Lumi", ["Elderberry Immune Gummies", "Super Greens", "Multivitamin", "Collagen Mix", "Omega 3", "Probiotic"]),
    (
        "Brightwell",
        ["Orange Dream / Variety Pack", "Alkaline Water", "Splash Refresher", "Seltzer", "Iced Tea", "Lemonade"],
    ),
    ("Kettle Lane", ["Caramelized Onion Dip", "Blackened Chicken Alfredo", "Chili", "Tomato Soup", "Chowder", "Stew"]),
    ("Tumble", ["Fresh Linen Pods", "Dryer Sheets", "Stain Stick", "Plug Starter Kit", "Wool Wash", "Fabric Mist"]),
    (
        "Harvest Table",
        ["Spanglish Seasonings", "Crispy Panko Mix", "Rotisserie Rub", "Honey Chipotle", "Brine", "Gravy"],
    ),
    ("Petal & Pine", ["Paper Towels", "Hand Soap Trio", "Candle Set", "Dish Tabs", "Glass Wipes", "Air Fresh Duo"]),
    ("Tiny Tribe", ["MM Fruit Snacks", "Mega Dino Nuggets", "Grape Sandwiches", "Yogurt Tubes", "Puffs", "Milk Boxes"]),
    ("Northwind", ["Protein Shake", "Nurri-Style Vanilla", "Whey Bars", "Energy Chews", "Electrolytes", "Peanut Cups"]),
    ("Cocoa Peak", ["Choc Melting Wafers", "Toffee Truffles", "Almond Bark", "Sour Gummies", "Snick Bites", "Nougat"]),
    ("Baker's Row", ["Banana Loaf", "Chocolate Pretzels", "Quiche", "Mini Hawaiian Dogs", "Croissants", "Bagel Thins"]),
];

/// Agency prefixes of products in real exports.
const CHANNELS: [&str; 6] = ["", "AF-", "CF-", "LKD-AF-", "PK-", "LKD-CF-"];

/// The first event number, and how many follow it. The step is coprime with the count, so numbers look unordered and
/// none comes twice.
const NUMBER_FIRST: u64 = 600_001;
const NUMBER_COUNT: u64 = 99_991;
const NUMBER_STEP: u64 = 12_347;
/// The first bracketed id, and the number of ids for each program.
const PROGRAM_FIRST: u64 = 250_800_500_000;
const PROGRAM_STEP: u64 = 7;
/// One name in so many is in the short spelling, without a bracketed id.
const SHORT_ONE_IN: u64 = 6;

/// A product promoted under one number: the same one at every store.
#[derive(Clone, Copy, Debug)]
pub struct Program {
    number: u64,
    id: u64,
    channel: &'static str,
    brand: &'static str,
    product: &'static str,
    short: bool,
}

impl Program {
    /// The program with the given index; the numbers of the first [`NUMBER_COUNT`] differ.
    pub fn new(seed: u64, index: u64) -> Self {
        let mut rng = Rng::with_seed(seed ^ index.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        let (brand, products) = BRANDS[rng.usize(..BRANDS.len())];
        Self {
            number: NUMBER_FIRST + index * NUMBER_STEP % NUMBER_COUNT,
            id: PROGRAM_FIRST + index * PROGRAM_STEP + rng.u64(..PROGRAM_STEP),
            channel: CHANNELS[rng.usize(..CHANNELS.len())],
            brand,
            product: products[rng.usize(..products.len())],
            short: rng.u64(..SHORT_ONE_IN) == 0,
        }
    }

    pub fn core(&self) -> String {
        self.of_pair("CORE")
    }

    pub fn supervisor(&self) -> String {
        self.of_pair("Supervisor")
    }

    fn of_pair(&self, word: &str) -> String {
        let Self { number, id, channel, brand, product, short } = self;
        if *short {
            format!("{number}-{word}-{brand} {product}")
        } else {
            format!("{number}-{channel}{brand}-{product} ({id})  - V2-{word}")
        }
    }

    pub fn juicer(&self, day: NaiveDate, location: &Location) -> String {
        if self.short {
            return format!("Juicer Production - {} #{}", location.name, location.number);
        }
        format!("{} 8HR-ES1-JUICER-PRODUCTION-SPCLTY ({})  - ES1", day.format("%m-%d"), self.id)
    }

    pub fn freeosk(&self, day: NaiveDate, location: &Location) -> String {
        if self.short {
            return format!("Freeosk Setup - {} #{}", location.name, location.number);
        }
        format!("{}-LKD-FSK-Daily Service-9AM ({})  - V2 - Freeosk", day.format("%m.%d"), self.id)
    }

    pub fn digitals(&self, day: NaiveDate, task: &str) -> String {
        let day = day.format("%m.%d");
        format!("{day}-DD-{}-{} ({})  - {day} Digital {task}", self.brand, self.product, self.id)
    }

    pub fn vendor(&self) -> String {
        format!("{}-VP-{} {} ({})  - Vendor Performed", self.number, self.brand, self.product, self.id)
    }
}

/// Tasks at a digital display.
pub const DIGITAL_TASKS: [&str; 3] = ["Setup", "Refresh", "Teardown"];

/// Full names, each once: as many as asked for, at most every given name with every family name.
pub fn people(rng: &mut Rng, count: usize) -> Vec<String> {
    let mut names: Vec<(&str, &str)> =
        GIVEN_NAMES.iter().flat_map(|given| FAMILY_NAMES.iter().map(|family| (*given, *family))).collect();
    rng.shuffle(&mut names);
    names.into_iter().take(count).map(|(given, family)| format!("{given} {family}")).collect()
}

/// The store with the given index; numbers differ always, names among the first 400.
pub fn store(index: usize) -> Location {
    let quarter = QUARTERS[index / PLACES.len() % QUARTERS.len()];
    let place = PLACES[index % PLACES.len()];
    Location { number: (4101 + index).to_string(), name: format!("{place}{quarter} Club") }
}
