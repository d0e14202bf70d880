//! Tables at their limits: what is exactly on one, what is missing, what is no value at all.

use crate::table::text;
use hilum_guidelines::{Calculator, Format, TableError, read};

/// One row of a CSV table: its cells in, the cells of the answer after the id out.
fn row(calculator: Calculator, columns: &str, cells: &str) -> String {
    let answer = text(calculator, "csv", &format!("id,{columns}\nx,{cells}\n"));
    let row = answer.lines().nth(1).unwrap();
    row.strip_prefix("x,").unwrap().to_owned()
}

#[test]
fn nelson_limits() {
    let rows = [
        ("0.1", "negative,"),
        ("49.999", "negative,"),
        ("50", "indeterminate,"),
        ("50.0", "indeterminate,"),
        (" 500 ", "indeterminate,"),
        ("500.001", "positive,"),
        ("", ",missing: volume_mm3"),
        ("0", ",volume_mm3 0 is outside 0.000001 to 100000000 mm3"),
        ("-4", ",volume_mm3 -4 is outside 0.000001 to 100000000 mm3"),
        ("nan", ",volume_mm3 NaN is outside 0.000001 to 100000000 mm3"),
        ("big", ",\"volume_mm3 \"\"big\"\" is not a number\""),
    ];
    for (cell, want) in rows {
        assert_eq!(row(Calculator::Nelson, "volume_mm3", cell), want, "{cell:?}");
    }
}

/// Doubling times by `ln 2 * days / ln(v2 / v1)`.
#[test]
fn growth_limits() {
    let columns = "v1_mm3,v2_mm3,interval_days,d1_mm,d2_mm";
    let rows = [
        // Exactly 25 % either way, also where binary fractions fall short of it.
        ("0.1,0.125,90,,", "279.565535,25.000000,<=400,fast_<400,"),
        ("113.1,141.375,90,,", "279.565535,25.000000,<=400,fast_<400,"),
        ("100,75,90,,", "-216.847876,-25.000000,decreasing,no_growth,"),
        ("100,75.1,90,,", "-217.856914,-24.900000,stable,no_growth,"),
        // Exactly 400 and 600 days.
        (
            "100,200,400,,",
            "400.000000,100.000000,<=400,intermediate_400_600,",
        ),
        (
            "100,200,600,,",
            "600.000000,100.000000,400-600,intermediate_400_600,",
        ),
        ("100,200,600.1,,", "600.100000,100.000000,>600,slow_>600,"),
        ("100,200,399.9,,", "399.900000,100.000000,<=400,fast_<400,"),
        // No change, no doubling time.
        (
            "80,80,90,6,7",
            ",0.000000,stable,no_growth,vdt_days is infinite: the size is the same",
        ),
        // Diameters where there is no volume; 2^(1/3) doubles.
        (
            ",,100,10,12.599210498948732",
            "100.000000,100.000000,<=400,fast_<400,\"from d1_mm and d2_mm, as of spheres\"",
        ),
        // Volumes that are the rounded spheres of the diameters give way to them; other volumes do not.
        ("65.4498,179.5944,90,5,7", "61.801282,174.400000,<=400,fast_<400,"),
        ("65.46,179.5944,90,5,7", "61.810773,174.357470,<=400,fast_<400,"),
        ("100,200,90,5,x", ",,,,\"d2_mm \"\"x\"\" is not a number\""),
        ("100,,90,6,7", ",,,,missing: v2_mm3"),
        (",,90,6,", ",,,,missing: v1_mm3 v2_mm3"),
        ("100,200,,,", ",,,,missing: interval_days"),
        ("100,0,90,,", ",,,,v2_mm3 0 is outside 0.000001 to 100000000 mm3"),
        (
            "100,200,0,,",
            ",,,,interval_days 0 is outside one hour to 40000 days",
        ),
        (
            "100,200,-90,,",
            ",,,,interval_days -90 is outside one hour to 40000 days",
        ),
    ];
    for (cells, want) in rows {
        assert_eq!(row(Calculator::Vdt, columns, cells), want, "{cells:?}");
    }
}

#[test]
fn brock_without_what_it_needs() {
    let columns = "age,female,family_history,emphysema,size_mm,type,upper_lobe,nodule_count,spiculation";
    let rows = [
        // Truth values in every spelling, types in every form.
        ("62,1,0,no,4,Solid,FALSE,4,No", "0.002050,0.001939,"),
        ("62,yes,false,0,4, solid ,0,4.0,0", "0.002050,0.001939,"),
        ("68,true,0,0,8,non-solid,1,3,0", "0.051711,0.050492,"),
        ("68,true,0,0,8,ground glass,1,3,0", "0.051711,0.050492,"),
        // Spiculation unknown: model 2a answers, 2b does not.
        ("62,1,0,0,4,solid,0,4,", ",0.001939,missing: spiculation"),
        (
            "62,1,0,0,4,solid,0,4,maybe",
            ",0.001939,\"spiculation \"\"maybe\"\" is not true or false\"",
        ),
        ("62,1,0,0,4,solid,0,,0", ",,missing: nodule_count"),
        (
            "62,1,0,0,4,solid,0,0,0",
            ",,nodule_count 0 is outside whole numbers from 1 to 10000",
        ),
        (
            "62,1,0,0,4,solid,0,1.5,0",
            ",,nodule_count 1.5 is outside whole numbers from 1 to 10000",
        ),
        (
            "17,1,0,0,-1,solid,0,1,0",
            ",,age 17 is outside 18 to 120 years; size_mm -1 is outside 0.01 to 500 mm",
        ),
        (
            "62,1,0,0,4,calcified,0,1,0",
            ",,\"type \"\"calcified\"\" is not one of solid part_solid nonsolid non_solid ground_glass\"",
        ),
        (
            ",,,,,,,,",
            ",,missing: age female family_history emphysema size_mm type upper_lobe nodule_count spiculation",
        ),
        (
            "62",
            ",,missing: female family_history emphysema size_mm type upper_lobe nodule_count spiculation",
        ),
    ];
    for (cells, want) in rows {
        assert_eq!(row(Calculator::Brock, columns, cells), want, "{cells:?}");
    }
}

#[test]
fn smoking_that_contradicts_itself() {
    let columns = "age,smoker,diameter_mm,years_since_quit";
    let rows = [
        ("62,false,10,0", "0.079132,"),
        ("62,false,10,", "0.079132,"),
        (
            "62,false,10,5",
            ",years_since_quit is above 0 although smoker is false",
        ),
        ("62,true,10,", ",missing: years_since_quit"),
        ("62,true,10,10", "0.276838,"),
        ("62,,10,10", ",missing: smoker"),
    ];
    for (cells, want) in rows {
        assert_eq!(row(Calculator::Va, columns, cells), want, "{cells:?}");
    }
}

/// Beyond the sizes that a model was made for, the value is computed and the row says so.
#[test]
fn sizes_beyond_a_model() {
    let columns = "age,smoker,cancer,diameter_mm,spiculation,upper_lobe,fdg";
    let mayo = |diameter: &str| row(Calculator::Mayo, columns, &format!("60,1,0,{diameter},0,0,faint"));
    assert_eq!(mayo("10"), "0.081998,");
    for inside in ["4", "30"] {
        assert!(mayo(inside).ends_with(','), "{}", mayo(inside));
    }
    assert!(mayo("30.1").ends_with(",diameter_mm 30.1 is outside 4 to 30 mm that Mayo was made for"));
    assert!(mayo("3.9").starts_with("0.0"), "{}", mayo("3.9"));
    let chain = row(Calculator::HerderChain, columns, "60,1,0,6,0,0,faint");
    assert!(
        chain.ends_with(",diameter_mm 6 is outside 8 to 30 mm that Herder was made for"),
        "{chain}"
    );
    let without_pet = row(Calculator::HerderChain, columns, "60,1,0,10,0,0,");
    assert_eq!(without_pet, "0.081998,,missing: fdg");
    let percent = row(Calculator::Herder, "mayo_p,fdg", "18.7,intense");
    assert_eq!(percent, ",mayo_p 18.7 is outside 0 to 1");
}

#[test]
fn measurement_kinds() {
    let rows = [
        // Halves go up, also where the sum of two decimals falls short of a whole number.
        (r#"fleischner_mm,"{""long"": 8.3, ""short"": 4.7}""#, "7.000000,"),
        (r#"fleischner_mm,"{""long"": 6.5, ""short"": 6.5}""#, "7.000000,"),
        (r#"fleischner_mm,"{""long"": 6.9, ""short"": 6.0}""#, "6.000000,"),
        // LINEAR: the lower end is 0, the upper end the last value below 255.
        (
            r#"window_linear_0_255,"{""hu"": -1350, ""width"": 1500, ""centre"": -600}""#,
            "0.000000,",
        ),
        (
            r#"window_linear_0_255,"{""hu"": 0, ""width"": 1, ""centre"": 0}""#,
            "255.000000,",
        ),
        (
            r#"window_linear_0_255,"{""hu"": -1, ""width"": 1, ""centre"": 0}""#,
            "0.000000,",
        ),
        (
            r#"window_linear_0_255,"{""hu"": 0, ""width"": 0.5, ""centre"": 0}""#,
            ",\"width 0.5 is below 1, the least of LINEAR\"",
        ),
        (
            r#"window_linear_exact_0_255,"{""hu"": 150, ""width"": 1500, ""centre"": -600}""#,
            "255.000000,",
        ),
        (
            r#"window_linear_exact_0_255,"{""hu"": 0, ""width"": 0, ""centre"": 0}""#,
            ",width 0 is not above 0",
        ),
        (
            r#"window_sigmoid_0_255,"{""hu"": -600, ""width"": 1500, ""centre"": -600}""#,
            "127.500000,",
        ),
        // 255 / (1 + e^-2)
        (
            r#"window_sigmoid_0_255,"{""hu"": 150, ""width"": 1500, ""centre"": -600}""#,
            "224.603255,",
        ),
        (
            r#"voxel_sum_volume_mm3,"{""n_voxels"": 1000, ""sx"": 0.5, ""sy"": 0.5, ""sz"": 2}""#,
            "500.000000,",
        ),
        (
            r#"consolidation_tumour_ratio,"{""solid_mm"": 6, ""total_mm"": 12}""#,
            "0.500000,",
        ),
        (r#"mass_mg,"{""v_mm3"": 524}""#, ",missing: mean_hu"),
        (
            r#"hu,"{""stored"": ""x"", ""slope"": 1, ""intercept"": -1024}""#,
            ",\"stored \"\"x\"\" is not a number\"",
        ),
        (
            r#"sphere_volume_mm3,"{""d_mm"": [4]}""#,
            ",d_mm an array is not a number",
        ),
        (
            "sphere_volume_mm3,{",
            ",\"input_json \"\"{\"\" is not a JSON object\"",
        ),
        (
            "sphere_volume_mm3,4",
            ",\"input_json \"\"4\"\" is not a JSON object\"",
        ),
        ("sphere_volume_mm3,", ",missing: d_mm"),
        (",{}", ",missing: kind"),
    ];
    for (cells, want) in rows {
        assert_eq!(
            row(Calculator::Measurement, "kind,input_json", cells),
            want,
            "{cells:?}"
        );
    }
    let unknown = row(Calculator::Measurement, "kind,input_json", "torus_volume,{}");
    assert!(
        unknown.starts_with(",\"kind \"\"torus_volume\"\" is not one of sphere_volume_mm3 "),
        "{unknown}"
    );
}

/// The same case in three forms.
#[test]
fn formats_agree() {
    let want = "id,p,reason\n7,0.673095,\n";
    let rows = [
        ("csv", "\u{feff}id , fdg,mayo_p\r\n7,Intense, 0.187 \r\n"),
        (
            "toml",
            "[other]\nx = 1\n[[herder_case]]\nid = 7\nmayo_p = 0.187\nfdg = \"intense\"\n",
        ),
        (
            "json",
            r#"{"id": 7, "mayo_p": 0.187, "fdg": "intense", "p": null}"#,
        ),
        ("json", r#"[{"id": "7", "mayo_p": "0.187", "fdg": "intense"}]"#),
    ];
    for (format, table) in rows {
        assert_eq!(text(Calculator::Herder, format, table), want, "{format}");
    }
    assert_eq!(text(Calculator::Herder, "csv", "id,fdg\n"), "id,p,reason\n");
    assert_eq!(
        text(
            Calculator::Measurement,
            "json",
            r#"{"id":"a","kind":"hu","stored":1024,"slope":1,"intercept":-1024}"#
        ),
        "id,expected,reason\na,0.000000,\n"
    );
}

#[test]
fn what_is_no_table() {
    let rows: [(&[u8], Format, &str); 9] = [
        (b"\xff\xfe", Format::Csv, "the table is not UTF-8 from byte 0"),
        (b"", Format::Csv, "the CSV table has no column id"),
        (b"age,size\n1,2\n", Format::Csv, "the CSV table has no column id"),
        (b"id,p,p\n", Format::Csv, "column p is there twice"),
        (b"a = 1\nb = [", Format::Toml, "not TOML, line 2: "),
        (b"[case]\nid = 1\n", Format::Toml, "no [[case]] in the TOML file"),
        (b"case = [1]", Format::Toml, "no [[case]] in the TOML file"),
        (b"{", Format::Json, "not JSON: "),
        (
            b"[1]",
            Format::Json,
            "the JSON input is neither an object nor an array of objects",
        ),
    ];
    for (bytes, format, want) in rows {
        let error: TableError = read(bytes, format, "case").unwrap_err();
        assert!(error.to_string().starts_with(want), "{error}");
    }
}
