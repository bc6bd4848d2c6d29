//! Tables for people: columns as wide as their widest cell, numbers to the right.

/// Prints a table; the first row is its head, the first column its names. Nothing is printed of a head alone.
pub fn print(title: &str, rows: &[Vec<String>]) {
    if rows.len() < 2 {
        return;
    }
    println!("\n{title}\n");
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let wide: Vec<usize> = (0..columns)
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max())
        .map(Option::unwrap_or_default)
        .collect();
    for (number, row) in rows.iter().enumerate() {
        let cells: Vec<String> = row
            .iter()
            .zip(&wide)
            .enumerate()
            .map(
                |(column, (cell, wide))| {
                    if column == 0 { format!("{cell:<wide$}") } else { format!("{cell:>wide$}") }
                },
            )
            .collect();
        println!("| {} |", cells.join(" | "));
        if number == 0 {
            let rule: Vec<String> = wide.iter().map(|wide| "-".repeat(*wide)).collect();
            println!("|-{}-|", rule.join("-|-"));
        }
    }
}

/// So many of so many in percent, or nothing.
pub fn percent(part: usize, whole: usize) -> String {
    if whole == 0 { "–".to_owned() } else { format!("{:.1}", 100.0 * part as f64 / whole as f64) }
}
