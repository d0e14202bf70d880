//! What holds for every input: models are monotone, everything is total, no bytes make a table reader panic.

use hilum_guidelines::{
    AgeYears, BrockInput, BrockType, Calculator, Case, Cell, CubicMillimetres, Days, FdgUptake, Field,
    Format, MayoInput, Millimetres, NelsonGrowth, NoduleCount, Probability, Quantity as _, Smoking, VaInput,
    VolumeChange, YearsSinceQuit, herder, nelson_baseline, read,
};
use proptest::prelude::*;

fn age() -> impl Strategy<Value = f64> {
    18.0..=120.0
}

fn size() -> impl Strategy<Value = f64> {
    0.01..=500.0
}

prop_compose! {
    fn brock()(
        age in age(), flags in any::<[bool; 4]>(), size in size(), count in 1_u16..=10_000,
        nodule_type in prop_oneof![Just(BrockType::Solid), Just(BrockType::PartSolid), Just(BrockType::Nonsolid)],
    ) -> BrockInput {
        let [female, family_history, emphysema, upper_lobe] = flags;
        BrockInput {
            age: AgeYears::new(age).unwrap(), female, family_history, emphysema,
            size: Millimetres::new(size).unwrap(), nodule_type, upper_lobe,
            nodule_count: NoduleCount::new(f64::from(count)).unwrap(),
        }
    }
}

prop_compose! {
    fn mayo()(age in age(), flags in any::<[bool; 4]>(), diameter in size()) -> MayoInput {
        let [smoker_ever, extrathoracic_cancer, spiculation, upper_lobe] = flags;
        MayoInput {
            age: AgeYears::new(age).unwrap(), smoker_ever, extrathoracic_cancer,
            diameter: Millimetres::new(diameter).unwrap(), spiculation, upper_lobe,
        }
    }
}

fn both(input: &BrockInput) -> [Probability; 2] {
    [input.with_spiculation(false), input.without_spiculation()]
}

fn is_probability(p: Probability) -> bool {
    (0.0..=1.0).contains(&p.get())
}

/// A value that a column may hold, right or wrong.
fn field() -> impl Strategy<Value = Field> {
    let words = [
        "",
        "solid",
        "none",
        "intense",
        "true",
        "no",
        "nan",
        "-inf",
        "1e999",
        "-0",
        "4",
        "50",
        "500",
        "fleischner_mm",
        "window_linear_0_255",
        "{\"width\": 0, \"hu\": 1, \"centre\": 1}",
        "sphere_volume_mm3",
        "\u{0}\u{7f}é",
    ];
    prop_oneof![
        prop::sample::select(words.to_vec()).prop_map(|word| Field::Text(word.to_owned())),
        any::<f64>().prop_map(Field::Number),
        (0.0..500.0).prop_map(Field::Number),
        any::<bool>().prop_map(Field::Flag),
        Just(Field::Other("an array")),
        Just(Field::Nested(Case::default())),
    ]
}

fn case() -> impl Strategy<Value = Case> {
    let columns = [
        "id",
        "age",
        "female",
        "family_history",
        "emphysema",
        "size_mm",
        "type",
        "upper_lobe",
        "nodule_count",
        "spiculation",
        "smoker",
        "cancer",
        "diameter_mm",
        "years_since_quit",
        "mayo_p",
        "fdg",
        "v1_mm3",
        "v2_mm3",
        "interval_days",
        "d1_mm",
        "d2_mm",
        "volume_mm3",
        "kind",
        "input_json",
        "hu",
        "width",
        "centre",
        "long",
        "short",
    ];
    let columns = prop::sample::select(columns.to_vec()).prop_map(str::to_owned);
    prop::collection::vec((columns, field()), 0..30).prop_map(Case::new)
}

proptest! {
    #[test]
    fn brock_grows_with_age_and_size_and_shrinks_with_count(input in brock(), older in age(), larger in size()) {
        prop_assert!(both(&input).into_iter().all(is_probability));
        let mut changed = input;
        changed.age = AgeYears::new(older.max(input.age.get())).unwrap();
        changed.size = Millimetres::new(larger.max(input.size.get())).unwrap();
        changed.nodule_count = NoduleCount::new(1.0).unwrap();
        for (before, after) in both(&input).into_iter().zip(both(&changed)) {
            prop_assert!(after >= before, "{before:?} {after:?}");
        }
        prop_assert!(input.with_spiculation(true) >= input.with_spiculation(false));
    }

    #[test]
    fn mayo_and_herder_grow(input in mayo(), older in age(), larger in size()) {
        let mut changed = input;
        changed.age = AgeYears::new(older.max(input.age.get())).unwrap();
        changed.diameter = Millimetres::new(larger.max(input.diameter.get())).unwrap();
        changed.smoker_ever = true;
        changed.spiculation = true;
        let (before, after) = (input.probability(), changed.probability());
        prop_assert!(is_probability(before) && after >= before);
        let grades = [FdgUptake::None, FdgUptake::Faint, FdgUptake::Moderate, FdgUptake::Intense];
        for pair in grades.windows(2) {
            prop_assert!(herder(before, pair[1]) >= herder(before, pair[0]));
            prop_assert!(herder(after, pair[0]) >= herder(before, pair[0]));
        }
    }

    #[test]
    fn va_shrinks_with_the_years_since_quitting(age in age(), diameter in size(), years in 0.0..=110.0_f64) {
        let ever = |years| Smoking::Ever(YearsSinceQuit::new(years).unwrap());
        let input = |smoking| VaInput {
            age: AgeYears::new(age).unwrap(),
            smoking,
            diameter: Millimetres::new(diameter).unwrap(),
        };
        let (smokes, quit) = (input(ever(0.0)).probability(), input(ever(years)).probability());
        prop_assert!(is_probability(quit) && quit <= smokes && input(Smoking::Never).probability() <= smokes);
    }

    #[test]
    fn growth_is_total_and_consistent(first in 1e-6..=1e8_f64, factor in 0.01..=100.0_f64, days in 0.05..=40_000.0_f64) {
        let second = (first * factor).clamp(1e-6, 1e8);
        let volume = |mm3| CubicMillimetres::new(mm3).unwrap();
        let change = VolumeChange::of_volumes(volume(first), volume(second), Days::new(days).unwrap());
        prop_assert!(change.percent().is_finite());
        if let Some(vdt) = change.doubling_time_days() {
            prop_assert!(vdt.is_finite());
            prop_assert_eq!(vdt > 0.0, change.percent() > 0.0);
        }
        prop_assert_eq!(change.nelson() == NelsonGrowth::NoGrowth, change.percent() < 25.0 - 1e-6);
        prop_assert!(nelson_baseline(volume(first.max(second))) >= nelson_baseline(volume(first)));
    }

    /// Every row gets a cell for each column: a finite number, a word, or nothing with a reason.
    #[test]
    fn every_calculator_answers_every_row(case in case()) {
        for calculator in Calculator::ALL {
            let answer = calculator.answer(&case);
            prop_assert_eq!(answer.cells.len(), calculator.columns().len());
            for cell in &answer.cells {
                match cell {
                    Cell::Empty => prop_assert!(!answer.reason.is_empty(), "{:?}", answer),
                    Cell::Number(number) => prop_assert!(number.is_finite(), "{:?}", answer),
                    Cell::Word(word) => prop_assert!(!word.is_empty()),
                }
            }
        }
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), head in 0..4_usize) {
        let head: &[u8] = [&b""[..], b"id,kind,input_json\n", b"[[case]]\n", b"[{\"id\":"][head];
        let bytes = [head, &bytes].concat();
        for format in [Format::Csv, Format::Toml, Format::Json] {
            for case in read(&bytes, format, "case").unwrap_or_default() {
                for calculator in Calculator::ALL {
                    calculator.answer(&case);
                }
            }
        }
    }
}
