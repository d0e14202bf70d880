//! The command line.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Parser, Subcommand, ValueEnum};

/// Decision support for lung nodules: reads chest CT, finds nodules, scores them, shows the evidence.
///
/// A score is advice with its evidence. It predicts how suspicious readers would find a nodule, unless it
/// says otherwise.
#[derive(Debug, Parser)]
#[command(name = "hilum", version, propagate_version = true)]
pub(crate) struct Cli {
    /// Say more on standard error.
    #[arg(long, global = true)]
    pub(crate) verbose: bool,
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// First minute: scores an example CT and serves the result over HTTPS.
    #[command(after_help = "Examples:\n  hilum demo\n  hilum demo --ct ~/chest-ct --once")]
    Demo(DemoArgs),
    /// Serves HTTPS and works on what is uploaded.
    #[command(
        after_help = "Examples:\n  hilum serve\n  hilum serve --config hilum.toml\n  HILUM__HTTP__LISTEN=0.0.0.0:8443 hilum serve"
    )]
    Serve(ServeArgs),
    /// Works on uploaded studies without serving.
    #[command(after_help = "Example:\n  hilum work --config hilum.toml")]
    Work(SettingsArgs),
    /// Scores one study from files, without a server.
    #[command(
        after_help = "Examples:\n  hilum score ~/chest-ct\n  hilum score ct.tar.xz --json\n  hilum score ~/chest-ct --seed=-81,30,12 --out result/\n  hilum score ~/chest-ct --prior ~/chest-ct-last-year"
    )]
    Score(ScoreArgs),
    /// Turns a DICOM CT series into a volume in Hounsfield units.
    #[command(
        after_help = "Examples:\n  hilum volume ~/chest-ct --json\n  hilum volume ct.zip --out ct.nii.gz\n  hilum volume ct.zip --out ct-1mm.npy --isotropic-mm 1"
    )]
    Volume(VolumeArgs),
    /// Makes a synthetic chest CT with known nodules, or two of one patient.
    #[command(
        after_help = "Examples:\n  hilum phantom chest/ --seed 7\n  hilum phantom chest/ --nodule solid,12,juxtapleural,RUL,spiculation=0.6 --nodule ground_glass,9 --thickness 1.25\n  hilum phantom pair/ --nodule solid,10 --nodule part_solid,15 --days 180 --growth 1.3,1"
    )]
    Phantom(PhantomArgs),
    /// Computes risk models, growth and formulas for a table of cases.
    #[command(
        after_help = "Examples:\n  hilum calc brock --cases brock.toml\n  hilum calc vdt --cases vdt_cases.csv\n  hilum calc nelson --json '{\"id\":\"a\",\"volume_mm3\":120}'\n  hilum calc dmwa --cases dmwa.json"
    )]
    Calc(CalcArgs),
    /// Reads English or Chinese text: coded findings with assertions, values and places, nodules, contradictions.
    ///
    /// Places are Unicode code points of the text as given. Bytes that are no UTF-8 are read as U+FFFD, one each, with a
    /// warning.
    #[command(
        after_help = "Examples:\n  hilum findings note.txt\n  hilum findings report.txt --json\n  echo '吸烟40年，每日20支，已戒烟5年。' | hilum findings - --json\n  hilum findings --cases dictations.json"
    )]
    Findings(FindingsArgs),
    /// Trains a model.
    #[command(
        after_help = "Examples:\n  hilum train ct --data data/ --out run/\n  hilum train ct --data data/ --out run/ --resume\n  hilum train detector --data data/ --out run/\n  hilum train segment --data data/ --out run/\n  hilum train whisper --data speech/ --out run/"
    )]
    Train(TrainArgs),
    /// Turns a recording of speech into a draft transcript with times.
    #[command(
        after_help = "Examples:\n  hilum transcribe note.webm\n  hilum transcribe note.m4a --lang zh --json\n  hilum transcribe note.wav --model ggml-base.bin --vad ggml-silero-v6.2.0.bin"
    )]
    Transcribe(TranscribeArgs),
    /// Lists the models, adds speech models, checks digests.
    #[command(
        after_help = "Examples:\n  hilum models list\n  hilum models add ggml-base.bin\n  hilum models verify"
    )]
    Models {
        #[command(subcommand)]
        action: ModelsAction,
    },
    /// Shows what Hilum may be used for: the limits of the indication file, and who signed it.
    #[command(
        after_help = "Examples:\n  hilum indication show\n  hilum indication verify --indication own.toml --indication-key site.pub.pem\n\nA site signs its own file with its own Ed25519 key:\n  hilum indication show --source > own.toml\n  openssl genpkey -algorithm ed25519 -out site.pem\n  openssl pkey -in site.pem -pubout -out site.pub.pem\n  openssl pkeyutl -sign -rawin -inkey site.pem -in own.toml -out own.toml.sig"
    )]
    Indication {
        #[command(subcommand)]
        action: IndicationAction,
    },
    /// Checks the knowledge graph and prints parts of it.
    #[command(after_help = "Examples:\n  hilum graph verify\n  hilum graph why score/0f3a...")]
    Graph(GraphArgs),
    /// Makes and revokes access tokens.
    #[command(after_help = "Example:\n  hilum token create --label ward-7 --role radiologist")]
    Token(TokenArgs),
    /// Shows the settings in force.
    #[command(after_help = "Example:\n  hilum config print --redacted")]
    Config(ConfigArgs),
}

/// Where settings come from.
#[derive(Debug, Args, Default)]
pub(crate) struct SettingsArgs {
    /// Settings file (default: hilum.toml where it is there). The environment (`HILUM__SECTION__KEY`) overrides it.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Data folder, overriding every other setting of it.
    #[arg(long, value_name = "DIR")]
    pub(crate) data_dir: Option<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct DemoArgs {
    /// CT series: a folder, files, or a tar or zip archive. Without it, a public CT beside the checkout, or a
    /// synthetic phantom.
    #[arg(long, value_name = "PATH")]
    pub(crate) ct: Option<PathBuf>,
    /// Exit after the result instead of serving on.
    #[arg(long)]
    pub(crate) once: bool,
    /// Listen here instead of the configured address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ServeArgs {
    /// Serve only; another process works.
    #[arg(long)]
    pub(crate) no_work: bool,
    /// Listen here instead of the configured address.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ScoreArgs {
    /// Folders, files, or tar and zip archives of one study.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Score the nodule at this point instead of searching: x,y,z in LPS millimetres.
    #[arg(long, value_name = "X,Y,Z", allow_hyphen_values = true, value_parser = parse_point)]
    pub(crate) seed: Option<[f64; 3]>,
    /// Read this series when there are several.
    #[arg(long, value_name = "UID")]
    pub(crate) series: Option<String>,
    /// Compare with this earlier CT of the same patient: a folder, a file, or a tar or zip archive. One of another
    /// patient, or one that is not earlier, is left out, and a warning says so.
    #[arg(long, value_name = "PATH")]
    pub(crate) prior: Option<PathBuf>,
    /// Write result.json and a picture of each nodule into this folder.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) indication: IndicationArgs,
    /// Print JSON instead of a table.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct VolumeArgs {
    /// Folders, files, or tar and zip archives.
    #[arg(required = true, value_name = "PATH")]
    pub(crate) paths: Vec<PathBuf>,
    /// Write the volume: .nii, .nii.gz (RAS) or .npy ([slice,row,column]).
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Read this series when there are several.
    #[arg(long, value_name = "UID")]
    pub(crate) series: Option<String>,
    /// Resample to cubes of this side in millimetres (0.1 to 20), over the same field of view.
    #[arg(long, value_name = "MM")]
    pub(crate) isotropic_mm: Option<f64>,
    /// How values between voxel centres are had.
    #[arg(long, value_enum, default_value_t, requires = "isotropic_mm")]
    pub(crate) kernel: KernelName,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum KernelName {
    /// Trilinear between voxel centres, also on a coarser grid.
    Linear,
    /// Trilinear on a finer grid, on a coarser one a triangle over all voxels.
    #[default]
    AntialiasedLinear,
}

#[derive(Debug, Args)]
pub(crate) struct PhantomArgs {
    /// Folder to write into: ct/ (or prior/ and current/) and truth.json.
    #[arg(value_name = "OUT")]
    pub(crate) out: PathBuf,
    /// Patient and places are drawn from it; the same seed and options give the same bytes.
    #[arg(long, default_value_t = 7)]
    pub(crate) seed: u64,
    /// Rows and columns.
    #[arg(long, default_value_t = 512)]
    pub(crate) size: u16,
    /// Length of the scan in mm; slices follow from their spacing.
    #[arg(long, default_value_t = 297.5)]
    pub(crate) height: f64,
    /// Distance between slices in mm.
    #[arg(long, default_value_t = 2.5)]
    pub(crate) spacing: f64,
    /// Slice thickness in mm (default: the spacing).
    #[arg(long)]
    pub(crate) thickness: Option<f64>,
    /// Gantry tilt in degrees.
    #[arg(long, default_value_t = 0.0, allow_hyphen_values = true)]
    pub(crate) tilt: f64,
    /// Standard deviation of the noise in HU.
    #[arg(long, default_value_t = 18.0)]
    pub(crate) noise: f64,
    /// Reconstruction kernel.
    #[arg(long, value_enum, default_value_t = PhantomKernel::Standard)]
    pub(crate) kernel: PhantomKernel,
    /// Draw no fissures between the lobes.
    #[arg(long)]
    pub(crate) no_fissures: bool,
    /// Contrast medium in vessels and heart.
    #[arg(long)]
    pub(crate) contrast: bool,
    /// A pacemaker with its streaks.
    #[arg(long)]
    pub(crate) metal: bool,
    /// Motion in mm.
    #[arg(long, default_value_t = 0.0)]
    pub(crate) motion: f64,
    /// Age of the patient in the header, years.
    #[arg(long, default_value_t = 60)]
    pub(crate) age: u8,
    /// Body Part Examined in the header.
    #[arg(long, default_value = "CHEST")]
    pub(crate) body_part: String,
    /// A nodule: type and diameter in mm, then if wanted attachment (free, juxtapleural, juxtavascular,
    /// perifissural), lobe, spiculation=0..1, lobulation=0..1. Repeatable. Without any: one of each type.
    #[arg(long = "nodule", value_name = "NODULE")]
    pub(crate) nodules: Vec<crate::commands::phantom::NoduleArg>,
    /// Make a second CT of the patient so many days later.
    #[arg(long, value_name = "DAYS")]
    pub(crate) days: Option<u32>,
    /// Volume of each nodule in the second CT relative to the first, in their order; 0 for gone.
    #[arg(long, value_name = "FACTOR,...", value_delimiter = ',', requires = "days")]
    pub(crate) growth: Vec<f64>,
    /// A nodule that only the second CT has, as for --nodule.
    #[arg(long = "new", value_name = "NODULE", requires = "days")]
    pub(crate) new: Vec<crate::commands::phantom::NoduleArg>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PhantomKernel {
    /// Blurred edges, coarse noise.
    Soft,
    /// Between.
    Standard,
    /// Sharp edges, fine noise.
    Sharp,
}

#[derive(Debug, Args)]
pub(crate) struct CalcArgs {
    /// What to compute.
    pub(crate) name: CalcName,
    /// A table of cases: .csv, .toml or .json. Prints CSV.
    #[arg(
        long,
        value_name = "FILE",
        required_unless_present = "json",
        conflicts_with = "json"
    )]
    pub(crate) cases: Option<PathBuf>,
    /// Cases as JSON, an object or an array of objects: a file, `-` for standard input, or the text itself. Prints
    /// one JSON object per line.
    #[arg(long, value_name = "IN")]
    pub(crate) json: Option<String>,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum CalcName {
    /// Brock 2b and 2a: cancer in a nodule found by screening.
    Brock,
    /// Mayo: cancer in a solitary nodule.
    Mayo,
    /// Veterans Affairs: cancer in a solitary nodule.
    Va,
    /// Herder: a Mayo probability updated by FDG-PET.
    Herder,
    /// Mayo, then Herder.
    HerderChain,
    /// Volume change, doubling time and the growth classes of BTS and NELSON.
    Vdt,
    /// NELSON category of a volume at baseline.
    Nelson,
    /// Formulas of size, attenuation, mass and display.
    Measurement,
    /// Modality weights of the DMWA gate.
    Dmwa,
}

#[derive(Debug, Args)]
pub(crate) struct FindingsArgs {
    /// A text in UTF-8, or `-` for standard input.
    #[arg(
        value_name = "FILE",
        required_unless_present = "cases",
        conflicts_with = "cases"
    )]
    pub(crate) file: Option<PathBuf>,
    /// What `language` says; words of both languages are read in either case.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) lang: TextLanguage,
    /// Print JSON, one object.
    #[arg(long)]
    pub(crate) json: bool,
    /// A table of cases as JSON (`{"schema","cases":[{"id","text"}]}`); prints one JSON object per case.
    #[arg(long, value_name = "FILE")]
    pub(crate) cases: Option<PathBuf>,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum TextLanguage {
    /// By its letters.
    #[default]
    Auto,
    /// English.
    En,
    /// Chinese.
    Zh,
}

#[derive(Debug, Args)]
pub(crate) struct TrainArgs {
    /// What to train.
    pub(crate) stage: TrainStage,
    /// Folder with the training data (`lidc_nodules/`, `ct/`).
    #[arg(long, value_name = "DIR", env = "HILUM_DATA")]
    pub(crate) data: PathBuf,
    /// Settings of the run as TOML.
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Folder for checkpoints, run record and weights.
    #[arg(long, value_name = "DIR")]
    pub(crate) out: PathBuf,
    /// Go on from the checkpoints in the folder.
    #[arg(long)]
    pub(crate) resume: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum TrainStage {
    /// CT encoder, gate and malignancy head, seven folds by patient.
    Ct,
    /// False-positive filter of the nodule detector.
    Detector,
    /// Outlines of nodules, seven folds by patient.
    Segment,
    /// Small bilingual BERT, as a masked language model on simulated notes and dictations.
    Text,
    /// Dictation model, on speech that synthesizers read; the corpus is made in `--data` first.
    Whisper,
}

#[derive(Debug, Args)]
pub(crate) struct TranscribeArgs {
    /// The recording: wav, mp3, flac, m4a, aac, ogg, opus or webm, at most 30 minutes and 256 MiB.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Language that is spoken.
    #[arg(long, value_enum, default_value_t)]
    pub(crate) lang: SpokenLanguage,
    /// Whisper model: a ggml file, or the name of one that was added. Without it the newest one that was added, or the
    /// one that ships.
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) model: Option<String>,
    /// Silero VAD in ggml form. Without it the one that was added, or loudness alone.
    #[arg(long, value_name = "FILE")]
    pub(crate) vad: Option<PathBuf>,
    /// What the model is told before it listens (default: the vocabulary, for models that do not ship).
    #[arg(long, value_enum)]
    pub(crate) prompt: Option<PromptName>,
    /// Print JSON.
    #[arg(long)]
    pub(crate) json: bool,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Clone, Copy, Default, ValueEnum)]
pub(crate) enum SpokenLanguage {
    /// Found out from the first sentence.
    #[default]
    Auto,
    /// English.
    En,
    /// Mandarin.
    Zh,
}

impl SpokenLanguage {
    pub(crate) const fn language(self) -> Option<hilum_speech::Language> {
        match self {
            Self::Auto => None,
            Self::En => Some(hilum_speech::Language::English),
            Self::Zh => Some(hilum_speech::Language::Chinese),
        }
    }
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum PromptName {
    /// Words of nodule dictations in the language that is spoken.
    Vocabulary,
    /// Nothing.
    None,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ModelsAction {
    /// Lists every registered model and every one that was added.
    List {
        /// Print JSON, one object per line.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        settings: SettingsArgs,
    },
    /// Adds a speech model to the data folder: Whisper or Silero VAD in ggml form.
    #[command(
        after_help = "Examples:\n  hilum models add ggml-base.bin\n  hilum models add own.bin --name ward-7 --sha256 60ed5bc3..."
    )]
    Add(AddModelArgs),
    /// Checks every digest.
    Verify {
        #[command(flatten)]
        settings: SettingsArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct AddModelArgs {
    /// The model file.
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
    /// Name by which it will be asked for (default: that of the file).
    #[arg(long)]
    pub(crate) name: Option<String>,
    /// Digest that its publisher gives; may be left out for official models that are known here.
    #[arg(long, value_name = "HEX")]
    pub(crate) sha256: Option<String>,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

/// A site's own indication file.
#[derive(Debug, Args, Default)]
pub(crate) struct IndicationArgs {
    /// Indication file of the site, signed in FILE.sig; the one that ships when left out.
    #[arg(long, value_name = "FILE", requires = "indication_key")]
    pub(crate) indication: Option<PathBuf>,
    /// Ed25519 public key (PEM) that signed it.
    #[arg(long, value_name = "FILE", requires = "indication")]
    pub(crate) indication_key: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(crate) enum IndicationAction {
    /// Lists the limits.
    Show {
        #[command(flatten)]
        file: IndicationArgs,
        /// Print JSON.
        #[arg(long)]
        json: bool,
        /// Print the file that ships as it is, to start a site's own from.
        #[arg(long, conflicts_with_all = ["json", "indication"])]
        source: bool,
    },
    /// Checks the signature and the form of the file.
    Verify {
        #[command(flatten)]
        file: IndicationArgs,
    },
}

#[derive(Debug, Args)]
pub(crate) struct GraphArgs {
    #[command(subcommand)]
    pub(crate) action: GraphAction,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GraphAction {
    /// Rebuilds the graph from its facts and prints its canonical hash.
    Verify,
    /// Prints the evidence of a score as JSON.
    Why {
        /// Node of the score, for example score/0f3a...
        score: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct TokenArgs {
    #[command(subcommand)]
    pub(crate) action: TokenAction,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum TokenAction {
    /// Makes a token and prints it once.
    Create {
        /// For whom or what.
        #[arg(long)]
        label: String,
        /// admin, radiologist, pacs, validator or auditor.
        #[arg(long)]
        role: String,
    },
}

#[derive(Debug, Args)]
pub(crate) struct ConfigArgs {
    #[command(subcommand)]
    pub(crate) action: ConfigAction,
    #[command(flatten)]
    pub(crate) settings: SettingsArgs,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ConfigAction {
    /// Prints every setting as TOML.
    Print {
        /// Mask secrets. There is no way to print them.
        #[arg(long)]
        redacted: bool,
    },
}

fn parse_point(text: &str) -> Result<[f64; 3], String> {
    let numbers: Vec<f64> = text
        .split(',')
        .map(|part| part.trim().parse::<f64>().ok().filter(|v| v.is_finite()))
        .collect::<Option<_>>()
        .ok_or_else(|| "want three finite numbers x,y,z in LPS millimetres".to_owned())?;
    numbers
        .try_into()
        .map_err(|_| "want exactly three numbers x,y,z".to_owned())
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn seeds() {
        assert_eq!(parse_point("-81, 30,12.5"), Ok([-81.0, 30.0, 12.5]));
        for bad in ["", "1,2", "1,2,3,4", "1,2,x", "1,2,NaN", "1,2,inf"] {
            assert!(parse_point(bad).is_err(), "{bad:?}");
        }
        let cli = Cli::try_parse_from(["hilum", "score", "ct", "--seed=-81,30,12"]).unwrap();
        assert!(matches!(
            cli.command,
            Command::Score(ScoreArgs {
                seed: Some([-81.0, 30.0, 12.0]),
                ..
            })
        ));
    }
}
