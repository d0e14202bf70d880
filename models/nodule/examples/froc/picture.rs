//! The curve as a picture.

use std::error::Error;
use std::path::Path;

use plotters::prelude::{
    BLACK, BLUE, ChartBuilder, Circle, Color, IntoDrawingArea, IntoLogRange, LineSeries, PathElement, RED,
    SVGBackend, WHITE,
};

use crate::curve::Curve;

/// Fewer false positives per scan are drawn at the left border.
const LEFT: f64 = 0.03;
const RIGHT: f64 = 10.0;

/// Draws the curve, the bar (0.95 at one false positive per scan) and the operating point.
pub(crate) fn draw(curve: &Curve, [rate, sensitivity]: [f64; 2], path: &Path) -> Result<(), Box<dyn Error>> {
    let area = SVGBackend::new(path, (760, 480)).into_drawing_area();
    area.fill(&WHITE)?;
    let mut chart = ChartBuilder::on(&area)
        .margin(16)
        .caption("FROC on synthetic CTs", ("sans-serif", 20))
        .x_label_area_size(44)
        .y_label_area_size(52)
        .build_cartesian_2d((LEFT..RIGHT).log_scale(), 0.0..1.0)?;
    chart
        .configure_mesh()
        .x_desc("false positives per scan")
        .y_desc("sensitivity")
        .draw()?;
    let points = curve
        .points
        .iter()
        .map(|point| (point.false_positives_per_scan.max(LEFT), point.sensitivity))
        .take_while(|(rate, _)| *rate <= RIGHT);
    chart
        .draw_series(LineSeries::new(points, BLUE.stroke_width(2)))?
        .label("detector")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLUE));
    chart
        .draw_series([Circle::new((rate.max(LEFT), sensitivity), 5, RED.filled())])?
        .label("operating point, outlined")
        .legend(|(x, y)| Circle::new((x + 9, y), 5, RED.filled()));
    chart
        .draw_series([PathElement::new(
            [(LEFT, 0.95), (1.0, 0.95), (1.0, 0.0)],
            BLACK.mix(0.5),
        )])?
        .label("bar: 0.95 at 1")
        .legend(|(x, y)| PathElement::new([(x, y), (x + 18, y)], BLACK.mix(0.5)));
    chart
        .configure_series_labels()
        .position(plotters::chart::SeriesLabelPosition::LowerRight)
        .border_style(BLACK.mix(0.3))
        .background_style(WHITE.mix(0.9))
        .draw()?;
    area.present()?;
    Ok(())
}
