//! Words that dictations of lung nodules are made of, as a prompt: a general model then spells them rightly. Written as a
//! dictation, because Whisper goes on in the style of its prompt.

use crate::Language;

/// The prompt of a language; about 60 tokens of the 224 that a prompt may have.
pub(crate) const fn prompt(language: Language) -> &'static str {
    match language {
        Language::English => {
            "Part-solid nodule in the right upper lobe, 14 x 11 mm, spiculated, ground-glass component 6 mm, series 4 \
             image 102, juxtapleural. Left lower lobe, lingula, middle lobe. Lobulated, calcified, perifissural. No \
             emphysema. Lung-RADS 4A, Fleischner."
        }
        Language::Chinese => {
            "右肺上叶部分实性结节，大小约14×11毫米，边缘毛刺，磨玻璃成分6毫米，序列4图像102，邻近胸膜。左肺下叶，舌段，右肺中叶。\
             分叶征，钙化，叶间裂。未见肺气肿。"
        }
    }
}
