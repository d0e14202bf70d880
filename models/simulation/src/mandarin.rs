//! Mandarin notes.

use rand::Rng;
use rand::seq::IndexedRandom as _;

use crate::patient::SYMPTOMS;
use crate::words::{filled, one, sections};
use crate::{Cancer, Exposure, LungDisease, SimulatedPatient, Smoking, Symptom};

pub(crate) fn note(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let headed = rng.random_bool(0.4);
    let section = |heading: &str, text: String| {
        if headed && !text.is_empty() {
            format!("{heading}：{text}")
        } else {
            text
        }
    };
    let sex = if patient.female { "女" } else { "男" };
    let first = filled(
        &[
            "患者{}，{}岁，体检发现肺结节。",
            "{}性，{}岁，因肺部结节就诊。",
            "患者{}性{}岁，CT示肺结节。",
        ],
        &[&sex, &patient.age],
        rng,
    );
    let rest = vec![
        section("个人史", smoking(patient, rng)),
        section("家族史", family(patient, rng)),
        section("既往史", history(patient, rng)),
        section("职业史", exposures(patient, rng)),
        section("现病史", symptoms(patient, rng)),
        section("检验", labs(patient, rng)),
    ];
    let mut parts = vec![first];
    parts.extend(sections(rest, 0.2, rng));
    parts.join(if headed { "\n" } else { "" })
}

fn smoking(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    match patient.smoking {
        Smoking::Never => one(&["从不吸烟。", "否认吸烟史。", "无吸烟史。", "不吸烟。"], rng).to_owned(),
        Smoking::Current { per_day, years } => {
            let index = per_day * years;
            one(
                &[
                    "吸烟{y}年，每日{d}支。",
                    "吸烟史{y}年，{d}支/天，未戒。",
                    "吸烟指数{i}年支。",
                    "现吸烟，{i}支年。",
                ],
                rng,
            )
            .replace("{y}", &years.to_string())
            .replace("{d}", &per_day.to_string())
            .replace("{i}", &index.to_string())
        }
        Smoking::Former {
            per_day,
            years,
            quit_years,
        } => filled(
            &[
                "吸烟{}年，每日{}支，已戒烟{}年。",
                "既往吸烟{}年，{}支/日，戒烟{}年。",
                "曾吸烟{}年，每天{}支，停烟{}年。",
            ],
            &[&years, &per_day, &quit_years],
            rng,
        ),
    }
}

fn family(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let relative = one(&["父亲", "母亲", "哥哥", "姐姐", "弟弟"], rng);
    match patient.family_cancer {
        None => one(
            &["否认肿瘤家族史。", "无肺癌家族史。", "家族中无恶性肿瘤患者。", ""],
            rng,
        )
        .to_owned(),
        Some(cancer) => filled(
            &["{}患{}。", "{}因{}去世。", "{}有{}病史。"],
            &[&relative, &name(cancer)],
            rng,
        ),
    }
}

fn history(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let mut sentences = Vec::new();
    match patient.earlier_cancer {
        Some((cancer, year)) => sentences.push(
            one(
                &[
                    "既往{c}病史，{y}年手术。",
                    "{y}年行{c}手术，未见复发。",
                    "{c}术后，{y}年。",
                ],
                rng,
            )
            .replace("{c}", name(cancer))
            .replace("{y}", &year.to_string()),
        ),
        None if rng.random_bool(0.5) => sentences.push("无恶性肿瘤病史。".to_owned()),
        None => {}
    }
    for disease in &patient.lung_diseases {
        sentences.push(
            one(
                match disease {
                    LungDisease::Emphysema => {
                        &["双肺上叶小叶中心型肺气肿。", "肺气肿病史。", "间隔旁肺气肿。"]
                    }
                    LungDisease::Copd => &["慢阻肺病史。", "慢性阻塞性肺疾病。", "慢阻肺，规律吸入治疗。"],
                    LungDisease::Fibrosis => &["特发性肺纤维化。", "肺纤维化。", "间质性肺疾病。"],
                    LungDisease::OldTuberculosis => {
                        &["陈旧性肺结核。", "既往肺结核，已治愈。", "肺结核病史。"]
                    }
                    LungDisease::Asthma => &["支气管哮喘。", "哮喘病史。", "哮喘，控制良好。"],
                },
                rng,
            )
            .to_owned(),
        );
    }
    if patient.lung_diseases.is_empty() && rng.random_bool(0.3) {
        sentences.push("无肺气肿，无慢阻肺。".to_owned());
    }
    sentences.concat()
}

fn exposures(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    if patient.exposures.is_empty() {
        return one(&["无石棉接触史。", "无粉尘接触史。", "", ""], rng).to_owned();
    }
    patient
        .exposures
        .iter()
        .map(|exposure| {
            one(
                match exposure {
                    Exposure::Asbestos => &["石棉接触史。", "曾从事石棉工作。"],
                    Exposure::Radon => &["氡暴露。", "居住环境氡超标。"],
                    Exposure::SecondHandSmoke => &["二手烟暴露。", "长期被动吸烟。"],
                    Exposure::Silica => &["矽尘接触史。", "粉尘接触史，石材加工。"],
                },
                rng,
            )
        })
        .collect()
}

fn symptoms(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    if patient.symptoms.is_empty() && rng.random_bool(0.4) {
        return one(&["无症状。", "无明显不适。", "无呼吸道症状。"], rng).to_owned();
    }
    let mut words: Vec<String> = patient
        .symptoms
        .iter()
        .map(|symptom| format!("{}{}", one(&["", "有", "轻度", "间断"], rng), spoken(*symptom)))
        .collect();
    let none = one(&["无", "否认"], rng);
    words.extend(
        SYMPTOMS
            .iter()
            .filter(|symptom| !patient.symptoms.contains(symptom))
            .filter(|_| rng.random_bool(0.4))
            .map(|symptom| format!("{none}{}", spoken(*symptom))),
    );
    if words.is_empty() {
        return String::new();
    }
    words.join("，") + "。"
}

fn labs(patient: &SimulatedPatient, rng: &mut impl Rng) -> String {
    let values: Vec<String> = patient
        .labs
        .iter()
        .map(|lab| {
            let name = if rng.random() { lab.name } else { lab.chinese };
            let range = ["", "（参考值<{}）", "（0-{}）"]
                .choose(rng)
                .copied()
                .unwrap_or_default();
            let range = range.replace("{}", &lab.upper.to_string());
            format!("{name} {} {}{range}", lab.value, lab.unit)
        })
        .collect();
    if values.is_empty() {
        return String::new();
    }
    values.join("，") + "。"
}

fn name(cancer: Cancer) -> &'static str {
    match cancer {
        Cancer::Lung => "肺癌",
        Cancer::Breast => "乳腺癌",
        Cancer::Colorectal => "结直肠癌",
        Cancer::Prostate => "前列腺癌",
        Cancer::Lymphoma => "淋巴瘤",
    }
}

fn spoken(symptom: Symptom) -> &'static str {
    match symptom {
        Symptom::Cough => "咳嗽",
        Symptom::Haemoptysis => "咯血",
        Symptom::WeightLoss => "体重下降",
        Symptom::ChestPain => "胸痛",
        Symptom::Dyspnoea => "气促",
        Symptom::Fever => "发热",
    }
}
