//! The command line. Amounts, dates and codes stay text here: the register reads them and says what is wrong.

use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use guitai_app::view::{
    Language, MethodView, PasswordAnswer, SaleStateView, TrainingTrouble, WalletBehaviour,
};

/// The till without a window, for integrators and scripts. 没有窗口的收银机，供集成和脚本使用。
#[derive(Parser)]
#[command(name = "guitaictl", version, after_help = crate::exit::help())]
pub struct Cli {
    /// The till's data folder (else `GUITAI_DATA`, else the user's own). 数据文件夹
    #[arg(long, global = true, value_name = "DIR")]
    pub data: Option<PathBuf>,
    /// Training: no real money. 培训模式，不动真钱
    #[arg(long, global = true)]
    pub training: bool,
    /// Training against a sandbox server, such as `http://127.0.0.1:8080`. 使用模拟平台服务器
    #[arg(long, global = true, value_name = "URL")]
    pub sandbox: Option<String>,
    /// Print one JSON object on standard output. 输出 JSON
    #[arg(long, global = true)]
    pub json: bool,
    /// The language of people's output (else from the environment, else Chinese). 语言
    #[arg(long, global = true, value_enum)]
    pub lang: Option<Lang>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Subcommand)]
pub enum Command {
    /// Set up a till in an empty folder. 初始化收银机
    Init(Init),
    /// Check, seal and use new payment settings. 导入支付设置
    Provider(Provider),
    /// Charge a customer's payment code. 扫码收款
    Charge(Charge),
    /// Take cash. 收现金
    Cash(Cash),
    /// Take up every payment in doubt and follow it. 处理未确认的付款
    Resolve(Resolve),
    /// List what waits for the provider or for a person. 待确认
    Desk,
    /// Book money that came late: its sale stands. 迟到的钱入账
    Book(Payment),
    /// Give back money that came late. 迟到的钱退回
    GiveBack(GiveBack),
    /// Settle by hand what the provider has not settled; the manager's. 店长认定结果
    Settle(Settle),
    /// Say what became of a contradiction; the manager's. 店长处理不一致
    Review(Review),
    /// Give up a sale that nobody pays. 放弃没有付款的一笔
    Void(Sale),
    /// Set the manager's PIN, read from standard input. 设置店长密码
    Pin(Pin),
    /// Say that the computer's clock is right; the manager's. 店长确认电脑时间
    ConfirmClock,
    /// List sales; without dates today's. 查询流水
    History(History),
    /// One sale with its timeline and receipt. 查看一笔
    Show(Sale),
    /// One sale as a file for a dispute, which anybody can check. 导出一笔的凭证
    Evidence(Evidence),
    /// Print a receipt again; it is recorded. 补打小票
    Reprint(Sale),
    /// The report of a business day. 日报
    Report(Report),
    /// Check the journal's chain, the derived tables and the file. 核对账本
    Verify,
    /// Make the derived tables anew from the journal. 重建明细表
    Rebuild,
    /// Copy the database to a new file and check the copy. 备份
    Backup(Backup),
    /// Restore a damaged database from a backup and from what is left of it. 恢复损坏的数据
    Restore(Restore),
    /// Take over a till's data that was copied here from elsewhere. 接管拷贝来的数据
    Adopt,
    /// Try the payment settings without moving money. 测试支付设置
    TestProvider,
    /// Look at everything that is watched. 健康检查
    Health,
    /// The scanners' ports, and which of them are listened to. 扫码设备
    Devices(Devices),
    /// The trainee's wallet: its code, its balance, its moods. 培训钱包
    Wallet(Wallet),
}

#[derive(Args)]
pub struct Init {
    /// The provider's settings file (`docs/configuration.md`); real tills only. 支付设置文件
    #[arg(long, value_name = "FILE")]
    pub provider: Option<PathBuf>,
    /// The shop's name. 店名
    #[arg(long, value_name = "NAME")]
    pub shop: Option<String>,
    /// The till's name. 收银台名
    #[arg(long, value_name = "NAME")]
    pub till: Option<String>,
    /// Do not try the settings. 不测试
    #[arg(long)]
    pub no_test: bool,
}

#[derive(Args)]
pub struct Pin {
    /// The PIN before is lost: the settings file of the merchant in use stands for it. 忘记密码时用当前商户的设置文件代替
    #[arg(long, value_name = "FILE")]
    pub lost: Option<PathBuf>,
}

#[derive(Args)]
pub struct Provider {
    /// The provider's settings file. 支付设置文件
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Do not try the settings. 不测试
    #[arg(long)]
    pub no_test: bool,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("code").required(true).args(["code_stdin", "picture", "training_wallet"]))]
pub struct Charge {
    /// In yuan: `12`, `12.5`, `12.50`. 金额（元）
    #[arg(value_name = "AMOUNT", allow_hyphen_values = true)]
    pub amount: String,
    /// Read the payment code from the first line of standard input; never an argument. 从标准输入读付款码
    #[arg(long)]
    pub code_stdin: bool,
    /// Read the payment code in a picture: PNG, JPEG, WebP or BMP. 从图片里读付款码
    #[arg(long, value_name = "FILE")]
    pub picture: Option<PathBuf>,
    /// Take the code from the trainee's own wallet. 用培训钱包的付款码
    #[arg(long)]
    pub training_wallet: bool,
    /// Training: what goes wrong on the way. 培训：制造故障
    #[arg(long, value_enum, requires = "training_wallet")]
    pub trouble: Option<Trouble>,
    /// Follow the payment so long. 等待秒数
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub wait: u64,
}

#[derive(Args)]
pub struct Cash {
    /// In yuan. 金额（元）
    #[arg(value_name = "AMOUNT", allow_hyphen_values = true)]
    pub amount: String,
    /// What the customer gave; exactly the amount if left out. 实收
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub given: Option<String>,
}

#[derive(Args)]
pub struct Resolve {
    /// Follow the payments so long. 等待秒数
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub wait: u64,
}

#[derive(Args)]
pub struct Payment {
    /// The payment's id, as `desk` lists it. 付款编号
    #[arg(value_name = "PAYMENT")]
    pub payment: String,
}

#[derive(Args)]
pub struct GiveBack {
    #[command(flatten)]
    pub of: Payment,
    /// Wait so long for the provider to confirm it. 等待秒数
    #[arg(long, value_name = "SECONDS", default_value_t = 60, value_parser = clap::value_parser!(u64).range(..=604_800))]
    pub wait: u64,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("how").required(true).args(["paid", "not_paid", "refunded"]))]
pub struct Settle {
    #[command(flatten)]
    pub of: Payment,
    /// The money is there: the sale stands. 已收款
    #[arg(long)]
    pub paid: bool,
    /// There is no money. 未收款
    #[arg(long)]
    pub not_paid: bool,
    /// Late money, too late for a reversal, was refunded on the provider's own pages. 已在平台退款
    #[arg(long)]
    pub refunded: bool,
    /// Why; 4 to 200 characters. 原因
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Args)]
pub struct Review {
    #[command(flatten)]
    pub of: Payment,
    /// What became of it; 4 to 200 characters. 处理结果
    #[arg(long, value_name = "TEXT")]
    pub reason: String,
}

#[derive(Args)]
pub struct History {
    /// First business date, `2026-11-21`. 起始营业日
    #[arg(long, value_name = "DATE")]
    pub from: Option<String>,
    /// Last business date. 截止营业日
    #[arg(long, value_name = "DATE")]
    pub to: Option<String>,
    /// Paid, or last tried, this way. 支付方式
    #[arg(long, value_enum)]
    pub method: Option<Method>,
    /// Where the sale stands. 状态
    #[arg(long, value_enum)]
    pub state: Option<State>,
    /// Exactly this amount. 金额
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub amount: Option<String>,
    /// The receipt's number or the payment code ends in these digits. 尾号
    #[arg(long, value_name = "DIGITS")]
    pub last: Option<String>,
    /// The page, from 0; 50 sales each. 页
    #[arg(long, default_value_t = 0)]
    pub page: u32,
}

#[derive(Args)]
pub struct Sale {
    /// The sale's id or its receipt's number. 单号或小票号
    #[arg(value_name = "SALE|RECEIPT")]
    pub sale: String,
}

#[derive(Args)]
pub struct Evidence {
    /// The sale's id or its receipt's number. 单号或小票号
    #[arg(value_name = "SALE|RECEIPT")]
    pub sale: String,
    /// The file; must not exist yet. 凭证文件
    #[arg(long, value_name = "FILE")]
    pub out: PathBuf,
}

#[derive(Args)]
pub struct Report {
    /// The business date; today's if left out. 营业日
    #[arg(value_name = "DATE")]
    pub date: Option<String>,
    /// As comma-separated values, the day's sales included. 输出 CSV
    #[arg(long, conflicts_with = "json")]
    pub csv: bool,
}

#[derive(Args)]
pub struct Backup {
    /// The copy; must not exist yet. 备份文件
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
}

#[derive(Args)]
pub struct Restore {
    /// The backup to begin with (else the best in the till's folder). 备份文件
    #[arg(long, value_name = "FILE")]
    pub from: Option<PathBuf>,
    /// Only say what could be had back. 只查看，不恢复
    #[arg(long)]
    pub dry_run: bool,
}

#[derive(Args)]
#[command(group = clap::ArgGroup::new("choice").args(["always", "never", "by_itself"]))]
pub struct Devices {
    /// This port has a scanner, whatever it looks like: `serial:COM1`, `serial:/dev/ttyS0`. 一直用作扫码枪
    #[arg(long, value_name = "DEVICE")]
    pub always: Option<String>,
    /// This device is not listened to. 不使用
    #[arg(long, value_name = "DEVICE")]
    pub never: Option<String>,
    /// The till judges by itself again. 自动判断
    #[arg(long, value_name = "DEVICE")]
    pub by_itself: Option<String>,
}

#[derive(Args)]
pub struct Wallet {
    /// A new balance in yuan. 设置余额
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub set_balance: Option<String>,
    /// A password is asked from this amount on. 免密上限
    #[arg(long, value_name = "AMOUNT", allow_negative_numbers = true)]
    pub password_from: Option<String>,
    /// How it takes the next payments. 之后怎样付款
    #[arg(long, value_enum)]
    pub behaviour: Option<Behaviour>,
    /// Answer the open password question. 回答密码提示
    #[arg(long, value_enum)]
    pub password: Option<Password>,
}

/// Declares a choice on the command line and what it stands for in the app.
macro_rules! choice {
    ($name:ident => $view:ident { $($variant:ident => $target:ident),+ $(,)? }) => {
        #[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
        pub enum $name { $($variant),+ }

        impl From<$name> for $view {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => $view::$target),+ }
            }
        }
    };
}

choice!(Lang => Language { Zh => Chinese, En => English });
choice!(Method => MethodView { Cash => Cash, WechatPay => WechatPay, Alipay => Alipay, UnionPay => UnionPay });
choice!(State => SaleStateView { Open => Open, Completed => Completed, InDoubt => InDoubt, Voided => Voided });
choice!(Password => PasswordAnswer { Right => Right, Wrong => Wrong, Cancel => Cancel });
choice!(Behaviour => WalletBehaviour {
    Pays => Pays,
    AsksPassword => AsksPassword,
    NotEnough => NotEnough,
    CodeExpired => CodeExpired,
    CodeInvalid => CodeInvalid,
    CardNotSupported => CardNotSupported,
    Risk => Risk,
});
choice!(Trouble => TrainingTrouble {
    NoNetwork => NoNetwork,
    AnswerLost => AnswerLost,
    RequestLost => RequestLost,
    Slow => Slow,
    Forged => Forged,
    WrongAmount => WrongAmount,
    ServerError => ServerError,
    CaptivePortal => CaptivePortal,
});

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Cli::command().debug_assert();
    }

    #[test]
    fn a_pin_is_no_argument() {
        for command in ["pin", "confirm-clock"] {
            assert!(Cli::try_parse_from(["guitaictl", command, "280614"]).is_err());
            assert!(Cli::try_parse_from(["guitaictl", command, "--pin", "280614"]).is_err());
        }
    }

    #[test]
    fn a_payment_code_is_no_argument() {
        let code = "134567890123456789";

        assert!(Cli::try_parse_from(["guitaictl", "charge", "1", code]).is_err());
        assert!(Cli::try_parse_from(["guitaictl", "charge", "1", "--code-stdin", code]).is_err());
    }
}
