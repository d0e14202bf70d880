//! The loss curve as a picture.

use plotters::prelude::*;

use super::checkpoint::CurvePoint;
use crate::DictationError;

/// What a line shows of a point.
type Read = fn(&CurvePoint) -> Option<f64>;

/// SVG of decoder and classification loss, and of the error rate on a few test recordings, over the steps.
pub(super) fn loss_curve(curve: &[CurvePoint]) -> Result<String, DictationError> {
    let mut svg = String::new();
    draw(&mut svg, curve).map_err(|error| DictationError::Picture(error.to_string()))?;
    Ok(svg)
}

fn draw(svg: &mut String, curve: &[CurvePoint]) -> Result<(), Box<dyn std::error::Error>> {
    let area = SVGBackend::with_string(svg, (900, 500)).into_drawing_area();
    area.fill(&WHITE)?;
    let last = curve.last().map_or(1, |point| point.step.max(1));
    let mut chart = ChartBuilder::on(&area)
        .caption(
            "dictation model, synthetic voices: loss per token, error rate",
            ("sans-serif", 18),
        )
        .margin(12)
        .x_label_area_size(36)
        .y_label_area_size(44)
        .build_cartesian_2d(0..last, 0.0..6.0)?;
    chart.configure_mesh().x_desc("step").draw()?;
    let lines: [(&str, RGBColor, Read); 3] = [
        ("decoder", BLUE, |p| Some(p.decoder)),
        ("classification of frames", GREEN, |p| Some(p.ctc)),
        ("error rate by characters", RED, |p| p.errors),
    ];
    for (name, colour, of) in lines {
        let points: Vec<(usize, f64)> = curve
            .iter()
            .filter_map(|point| Some((point.step, of(point)?.min(6.0))))
            .collect();
        chart
            .draw_series(LineSeries::new(points, colour))?
            .label(name)
            .legend(move |(x, y)| PathElement::new([(x, y), (x + 18, y)], colour));
    }
    chart
        .configure_series_labels()
        .border_style(BLACK)
        .background_style(WHITE)
        .draw()?;
    area.present()?;
    Ok(())
}
