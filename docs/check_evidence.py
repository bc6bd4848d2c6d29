#!/usr/bin/env python3
"""Checks an evidence file of Guitai without Guitai: python3 check_evidence.py EVIDENCE.json [till.db]

Exit code 0: everything that can be proven is. 1: something is not as it was sealed. Needs nothing but Python 3.
The rule is in docs/journal.md.
"""
import hashlib
import json
import sqlite3
import struct
import sys


def seal(prev, till, epoch, seq, at_ms, actor, kind, body):
    text = b"guitai.journal.1" + prev
    for field in (till, epoch, str(seq), str(at_ms), actor, kind, body):
        data = field.encode()
        text += struct.pack(">Q", len(data)) + data
    return hashlib.sha256(text).hexdigest()


def check_file(evidence):
    sale, problems, last = evidence["sale"], [], None
    for entry in evidence["entries"]:
        seq = entry["seq"]
        sealed = seal(bytes.fromhex(entry["prev"]), entry["till"], entry["epoch"], seq, entry["at_ms"],
                      entry["actor"], entry["kind"], entry["body"])
        body = json.loads(entry["body"])
        if sealed != entry["hash"]:
            problems.append(f"entry {seq} was changed 第 {seq} 条被改动")
        if body.get("sale") != sale["sale"] or entry["till"] != evidence["till"]:
            problems.append(f"entry {seq} is of another sale or till 第 {seq} 条属于另一笔或另一台")
        if last and seq <= last["seq"] or last and seq == last["seq"] + 1 and entry["prev"] != last["hash"]:
            problems.append(f"entry {seq} does not follow the one before 第 {seq} 条与前一条不相连")
        fen = body.get("amount_fen")
        if fen is not None and f"{fen // 100}.{fen % 100:02}" != sale["amount"]:
            problems.append(f"entry {seq} has another amount 第 {seq} 条金额不同")
        for name in ("request", "reply"):
            inner = body.get("answer", {}).get(name)
            if name in entry["says"] and (inner is None or json.loads(inner) != entry["says"][name]):
                problems.append(f"entry {seq}: the {name} shown is not the one sealed 第 {seq} 条所示内容与封存的不同")
        last = entry
    kinds = [entry["kind"] for entry in evidence["entries"]]
    if "sale.opened" not in kinds or ("sale.completed" in kinds) != (sale["state"] == "completed"):
        problems.append("the sale is not what its entries say 交易状态与记录不符")
    head = evidence["chain"]
    if not last or head["head_seq"] < last["seq"] or len(kinds) != head["entries_of_sale"] or (
            head["head_seq"] == last["seq"] and head["head_hash"] != last["hash"]):
        problems.append("entries are missing 缺少记录")
    return problems


def check_journal(evidence, path):
    wanted = {entry["seq"]: entry["hash"] for entry in evidence["entries"]}
    wanted[evidence["chain"]["head_seq"]] = evidence["chain"]["head_hash"]
    problems, prev = [], bytes(32)
    for *fields, sale, claimed, hash_ in sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(
            "SELECT till, epoch, seq, at_ms, actor, kind, body, sale, prev, hash FROM journal ORDER BY seq"):
        seq = fields[2]
        if claimed != prev or seal(prev, *fields) != hash_.hex():
            return problems + [f"the journal itself breaks at entry {seq} 账本自身从第 {seq} 条起断开"]
        if seq in wanted and wanted.pop(seq) != hash_.hex():
            problems.append(f"entry {seq} is another one in the journal 账本里的第 {seq} 条不同")
        elif sale == evidence["sale"]["sale"] and seq <= evidence["chain"]["head_seq"] and seq not in {
                entry["seq"] for entry in evidence["entries"]}:
            problems.append(f"entry {seq} of this sale was left out 遗漏了这笔的第 {seq} 条")
        prev = hash_
    return problems + [f"entry {seq} is not in the journal 账本里没有第 {seq} 条" for seq in sorted(wanted)]


if __name__ == "__main__":
    with open(sys.argv[1], encoding="utf-8") as file:
        shown = json.load(file)
    found = check_file(shown) + (check_journal(shown, sys.argv[2]) if len(sys.argv) > 2 else [])
    print("\n".join(found) or f"{len(shown['entries'])} entries as they were sealed 条记录与封存时一致")
    sys.exit(1 if found else 0)
