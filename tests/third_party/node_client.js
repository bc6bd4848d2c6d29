'use strict';
// wechatpay-axios-plugin against the sandbox: v2 with MD5 and HMAC-SHA256 and a client certificate, v3 in both modes.
const fs = require('fs');
const { Wechatpay } = require('wechatpay-axios-plugin');

const sandbox = JSON.parse(fs.readFileSync(process.argv[2], 'utf8'));
const REVERSE_EARLIEST_MS = 15000;
const pem = (name) => fs.readFileSync(sandbox.files[name]);

const pay = new Wechatpay({
  baseURL: sandbox.https_url,
  mchid: sandbox.mchid,
  serial: sandbox.serial_no,
  privateKey: pem('private_key'),
  certs: { [sandbox.public_key_id]: pem('public_key'), [sandbox.platform_serial]: pem('platform_certificate') },
  secret: sandbox.apiv2_key,
  merchant: { cert: pem('certificate'), key: pem('private_key'), ca: pem('ca') },
});
const common = { appid: sandbox.appid, mch_id: sandbox.mchid };

async function admin(path, body) {
  const options = body && { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body) };
  const answer = await fetch(`${sandbox.admin_url}/${path}`, options);
  if (!answer.ok) throw new Error(`${path}: ${answer.status}`);
  return answer.json();
}

// The client throws at every answer that is not a success; its words are in the error.
async function ask(call) {
  try {
    return (await call()).data;
  } catch (error) {
    const data = error.response && error.response.data;
    return data && typeof data === 'object' && Object.keys(data).length ? data : { error: error.message, data };
  }
}

function check(name, answer, expected) {
  const holds = Object.entries(expected).every(([key, value]) => answer && String(answer[key]) === String(value));
  console.log(holds ? `ok     node ${name}` : `FAILED node ${name}: ${JSON.stringify(answer)}`);
}

async function judgeV2(signType) {
  const name = (text) => `v2 ${signType || 'MD5'}: ${text}`;
  const signed = signType ? { ...common, sign_type: signType } : common;
  const number = `JS${signType ? 'H' : 'M'}${Date.now()}`;
  const charge = async (suffix, fen) => {
    const { code } = await admin('wallet');
    return ask(() => pay.v2.pay.micropay.post({
      ...signed, body: '柜台练习店-日用 & 更多', out_trade_no: number + suffix, total_fee: String(fen), spbill_create_ip: '127.0.0.1', auth_code: code,
    }));
  };
  const query = (suffix) => ask(() => pay.v2.pay.orderquery.post({ ...signed, out_trade_no: number + suffix }));

  const paid = await charge('A', 1850);
  const chargedAt = Date.now();
  check(name('charge'), paid, { result_code: 'SUCCESS', trade_type: 'MICROPAY', total_fee: 1850, out_trade_no: `${number}A` });
  check(name('query'), await query('A'), { trade_state: 'SUCCESS', transaction_id: paid.transaction_id });

  await admin('wallet', { behaviour: 'ask_password' });
  check(name('the password is asked for'), await charge('B', 900), { err_code: 'USERPAYING' });
  await admin('wallet', { behaviour: 'pay' });
  await admin('password', { answer: 'right' });
  check(name('after the password'), await query('B'), { trade_state: 'SUCCESS' });

  await admin('wallet', { behaviour: { refuse: 'not_enough' } });
  check(name('balance too low'), await charge('C', 100), { err_code: 'NOTENOUGH' });
  await admin('wallet', { behaviour: 'pay' });

  const refund = { ...signed, out_trade_no: `${number}B`, out_refund_no: `${number}R`, total_fee: '900', refund_fee: '400' };
  check(name('refund'), await ask(() => pay.v2.secapi.pay.refund.post(refund, { security: true })), { result_code: 'SUCCESS', refund_fee: 400 });
  check(name('query refund'), await ask(() => pay.v2.pay.refundquery.post({ ...signed, out_refund_no: `${number}R` })), { refund_count: 1, refund_fee_0: 400 });

  const order = { ...signed, out_trade_no: `${number}A` };
  check(name('reverse without the certificate'), await ask(() => pay.v2.secapi.pay.reverse.post(order)), { return_code: 'FAIL' });
  await new Promise((resolve) => { setTimeout(resolve, Math.max(0, chargedAt + REVERSE_EARLIEST_MS + 200 - Date.now())); });
  check(name('reverse'), await ask(() => pay.v2.secapi.pay.reverse.post(order, { security: true })), { result_code: 'SUCCESS', recall: 'N' });
  check(name('state after the reverse'), await query('A'), { trade_state: 'REVOKED' });
}

async function judgeV3(mode, headers) {
  const name = (text) => `v3 ${mode}: ${text}`;
  const number = `JSV3${headers ? 'K' : 'C'}${Date.now()}`;
  const { code } = await admin('wallet');
  const body = {
    appid: sandbox.appid,
    mchid: sandbox.mchid,
    description: '柜台练习店-日用',
    out_trade_no: number,
    payer: { auth_code: code },
    amount: { total: 700, currency: 'CNY' },
    scene_info: { store_info: { out_id: 'A1' } },
  };
  check(name('charge'), await ask(() => pay.v3.pay.transactions.codepay.post(body, { headers })), { trade_state: 'SUCCESS', out_trade_no: number });
  const params = { mchid: sandbox.mchid };
  const query = () => ask(() => pay.v3.pay.transactions.outTradeNo._out_trade_no_.get({ params, headers, out_trade_no: number }));
  check(name('query'), await query(), { trade_state: 'SUCCESS' });
  await admin('fault', { fault: 'corrupt', verb: 'query' });
  const corrupt = await query();
  check(name('a corrupt answer is refused'), { refused: /Verify/.test(corrupt.error) }, { refused: true });
}

(async () => {
  await judgeV3('certificate', undefined);
  await judgeV3('public key', { 'Wechatpay-Serial': sandbox.public_key_id });
  await judgeV2('');
  await judgeV2('HMAC-SHA256');
  const { balances } = await admin('books');
  check('the bank\'s book balances', { sum: Object.values(balances).reduce((sum, fen) => sum + fen, 0), merchant: balances.merchant }, { sum: 0, merchant: 2 * 500 + 2 * 700 });
})().catch((error) => { console.log(`FAILED node: ${error.stack}`); });
