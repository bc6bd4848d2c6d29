//! `guitai-sandbox`: the sandbox as a server, for any client of WeChat Pay.

use std::io::{self, Write};
use std::path::{Path, PathBuf};

use clap::{Parser, Subcommand};
use guitai_sandbox::{MERCHANT, Running, Sandbox, ServeOptions, serve};
use serde_json::{Value, json};

/// Wallet, payment provider and bank for training, demonstrations and tests. No real money.
#[derive(Parser)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Serve the provider, the wallet's page and the switches until killed.
    Serve(Serve),
}

#[derive(clap::Args)]
struct Serve {
    /// Port for http: provider, /wallet and /admin (0: any free one).
    #[arg(long, default_value_t = 0)]
    port: u16,
    /// Port for https: provider only (0: any free one).
    #[arg(long, default_value_t = 0)]
    https_port: u16,
    /// Listen on every interface, so that a phone can show the wallet.
    #[arg(long)]
    lan: bool,
    /// Treat plain http callers as if they had shown the merchant's client certificate.
    #[arg(long)]
    trust_http_client_cert: bool,
    /// Keep the world in this file.
    #[arg(long)]
    state: Option<PathBuf>,
    /// Seed of a fresh world.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Write the merchant's keys and certificates here as PEM files.
    #[arg(long)]
    keys_dir: Option<PathBuf>,
    /// Print one line of JSON.
    #[arg(long)]
    json: bool,
}

fn main() -> io::Result<()> {
    let Arguments { command: Command::Serve(serve) } = Arguments::parse();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(run(serve))
}

async fn run(arguments: Serve) -> io::Result<()> {
    let sandbox = Sandbox::open(arguments.state, arguments.seed)?;
    let options = ServeOptions {
        port: arguments.port,
        https_port: Some(arguments.https_port),
        lan: arguments.lan,
        wallet_only: false,
        trust_http_client_cert: arguments.trust_http_client_cert,
    };
    let running = serve(sandbox, options).await?;
    let files = arguments.keys_dir.as_deref().map(write_keys).transpose()?;
    print(&description(&running, files.unwrap_or(Value::Null)), arguments.json)?;
    std::future::pending().await
}

/// Everything a client needs.
fn description(running: &Running, files: Value) -> Value {
    let http = format!("http://127.0.0.1:{}", running.http_addr.port());
    json!({
        "http_url": http,
        "https_url": running.https_addr.map(|addr| format!("https://localhost:{}", addr.port())),
        "wallet_url": format!("{http}/wallet"),
        "admin_url": format!("{http}/admin"),
        "mchid": MERCHANT.mchid,
        "appid": MERCHANT.appid,
        "serial_no": MERCHANT.serial_no,
        "apiv3_key": MERCHANT.apiv3_key,
        "apiv2_key": MERCHANT.apiv2_key,
        "public_key_id": MERCHANT.public_key_id,
        "platform_serial": MERCHANT.platform_serial,
        "files": files,
    })
}

fn write_keys(dir: &Path) -> io::Result<Value> {
    std::fs::create_dir_all(dir)?;
    let mut files = serde_json::Map::new();
    for (name, pem) in [
        ("private_key", MERCHANT.private_key_pem),
        ("certificate", MERCHANT.certificate_pem),
        ("public_key", MERCHANT.public_key_pem),
        ("platform_certificate", MERCHANT.platform_certificate_pem),
        ("ca", MERCHANT.ca_pem),
    ] {
        let path = dir.join(format!("{name}.pem"));
        std::fs::write(&path, pem)?;
        files.insert(name.to_owned(), json!(path));
    }
    Ok(Value::Object(files))
}

fn print(description: &Value, as_json: bool) -> io::Result<()> {
    let mut out = io::stdout().lock();
    if as_json {
        writeln!(out, "{description}")?;
    } else {
        writeln!(out, "柜台练习环境，不产生真实收款 / Guitai sandbox, no real money")?;
        writeln!(out, "{description:#}")?;
        writeln!(out, "Without --keys-dir no key files are written. Stop with Ctrl+C.")?;
    }
    out.flush()
}
