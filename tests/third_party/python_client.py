"""wechatpayv3 against the sandbox: v3 in public-key mode and in certificate mode."""

import json
import sys
import time

import requests
from wechatpayv3 import WeChatPay, WeChatPayType

SANDBOX = json.load(open(sys.argv[1], encoding="utf-8"))
REVERSE_EARLIEST_S = 15
genuine_request = requests.Session.request


def to_the_sandbox(session, method, url, **options):
    """Stands in for DNS: the client's own address leads to the sandbox."""
    url = url.replace("https://api.mch.weixin.qq.com", SANDBOX["https_url"])
    return genuine_request(session, method, url, **options)


requests.Session.request = to_the_sandbox


def read(name):
    with open(SANDBOX["files"][name], encoding="utf-8") as file:
        return file.read()


def admin(path, body=None):
    url = f"{SANDBOX['admin_url']}/{path}"
    answer = requests.get(url) if body is None else requests.post(url, json=body)
    answer.raise_for_status()
    return answer.json()


def payment_code():
    return admin("wallet")["code"]


def check(name, holds, seen=""):
    print(f"ok     {name}" if holds else f"FAILED {name}: {seen}", flush=True)


def client(**keys):
    return WeChatPay(
        wechatpay_type=WeChatPayType.CODEPAY,
        mchid=SANDBOX["mchid"],
        private_key=read("private_key"),
        cert_serial_no=SANDBOX["serial_no"],
        appid=SANDBOX["appid"],
        apiv3_key=SANDBOX["apiv3_key"],
        **keys,
    )


def judge(mode, pay):
    number = f"PY{mode[:4].upper()}{int(time.time())}"

    def charge(suffix, fen, code=None):
        return pay.pay(
            description="柜台练习店-日用",
            out_trade_no=number + suffix,
            amount={"total": fen, "currency": "CNY"},
            payer={"auth_code": code or payment_code()},
            scene_info={"device_id": "till-1", "store_info": {"out_id": "A1"}},
            pay_type=WeChatPayType.CODEPAY,
        )

    def answered(name, answer, status, **expected):
        code, text = answer
        body = json.loads(text) if text else {}
        wrong = {key: body.get(key) for key, value in expected.items() if body.get(key) != value}
        check(f"python {mode}: {name}", code == status and not wrong, f"{code} {text}")
        return body

    paid = answered("charge", charge("A", 1850), 200, trade_state="SUCCESS", out_trade_no=number + "A")
    charged_at = time.monotonic()
    answered("query by number", pay.query(out_trade_no=number + "A"), 200, trade_state="SUCCESS")
    answered("query by transaction", pay.query(transaction_id=paid.get("transaction_id")), 200, out_trade_no=number + "A")
    answered("unknown order", pay.query(out_trade_no=number + "Z"), 404, code="ORDER_NOT_EXIST")
    answered("a code that is none", charge("X", 100, "101234567890123456"), 400, code="AUTH_CODE_INVALID")

    answered("a large amount asks for the password", charge("B", 100_000), 202, trade_state="USERPAYING")
    answered("while asked", pay.query(out_trade_no=number + "B"), 200, trade_state="USERPAYING")
    admin("password", {"answer": "right"})
    answered("after the password", pay.query(out_trade_no=number + "B"), 200, trade_state="SUCCESS")

    amount = {"refund": 40_000, "total": 100_000, "currency": "CNY"}
    answered("refund", pay.refund(out_refund_no=number + "R", out_trade_no=number + "B", amount=amount), 200, out_refund_no=number + "R")
    answered("query refund", pay.query_refund(number + "R"), 200, out_trade_no=number + "B")
    answered("refund too much", pay.refund(out_refund_no=number + "S", out_trade_no=number + "B", amount={**amount, "refund": 60_001}), 400, code="INVALID_REQUEST")
    answered("state after a refund", pay.query(out_trade_no=number + "B"), 200, trade_state="REFUND")

    admin("fault", {"fault": "forge", "verb": "query"})
    try:
        pay.query(out_trade_no=number + "A")
        check(f"python {mode}: a forged answer is refused", False, "it was believed")
    except Exception as error:
        check(f"python {mode}: a forged answer is refused", "verify" in str(error), error)

    def reverse_when_allowed():
        answered("reverse at once is too early", pay.codepay_reverse(number + "C"), 400, code="INVALID_REQUEST")

    answered("another charge", charge("C", 300), 200, trade_state="SUCCESS")
    reverse_when_allowed()
    return number, charged_at, answered


modes = {
    "public key": client(public_key=read("public_key"), public_key_id=SANDBOX["public_key_id"]),
    "certificate": client(),
}
waiting = [(pay, judge(mode, pay)) for mode, pay in modes.items()]
for pay, (number, charged_at, answered) in waiting:
    time.sleep(max(0.0, charged_at + REVERSE_EARLIEST_S + 0.2 - time.monotonic()))
    answered("reverse", pay.codepay_reverse(number + "A"), 200, out_trade_no=number + "A")
    answered("state after the reverse", pay.query(out_trade_no=number + "A"), 200, trade_state="REVOKED")

books = admin("books")
check("python: the bank's book balances", sum(books["balances"].values()) == 0, books["balances"])
kept = sum(order["amount_fen"] - order["refunded_fen"] for order in books["orders"] if order["state"] in ("SUCCESS", "REFUND"))
check("python: provider and bank agree", books["balances"]["merchant"] == kept == 2 * (60_000 + 300), books["balances"])
