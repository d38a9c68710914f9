import { ROLE_NAMES } from "./sentences.en.ts";
import type { Sentences } from "./sentences.ts";
import { count, duration, FINALITY, MODES, RULES, shu, type DurationWords } from "./words.ts";

const unit = (name: string) => (n: number): string => `${n} ${name}`;
const units: DurationWords = { day: unit("天"), hour: unit("小时"), minute: unit("分钟"), second: unit("秒"), joint: " " };
const time = (seconds: number | bigint): string => duration(seconds, units);
const roleName = (role: string): string => ROLE_NAMES[role] ?? role;

const owned = (what: string) => ({
  transferOwnership: (to: string) => `将${what}移交给 ${to}：治理不再对其有权。`,
  renounceOwnership: () => `永久放弃${what}：此后无人可以治理它。`,
});

export const sentencesZh: Sentences = {
  datasets: {
    approve: (dataset) => `按保管方提出的条款批准数据集 ${dataset}。`,
    suspend: (dataset) => `暂停数据集 ${dataset}：恢复之前任何人不得使用。`,
    reinstate: (dataset) => `恢复数据集 ${dataset}：可以再次使用。`,
    retire: (dataset) => `永久停用数据集 ${dataset}。`,
    amend: (dataset, terms) =>
      `接受数据集 ${dataset} 的新条款：${count(terms.records)} 条记录，同意书第 ${terms.consentVersion} 版，${terms.exempt ? "公开数据" : `至多 ${count(terms.privacyCap)} 纳 ρ`}。其席位在续期之前停用。`,
    changeCouncil: (council) => `任命 ${council} 为伦理委员会。`,
    changeSeats: (seats) => `让数据集登记处改为通知另一席位合约：${seats}。`,
    ...owned("数据集登记处"),
  },
  seats: {
    grant: (federation, contributor, dataset, budget) => `授予贡献者 ${contributor} 在联邦 ${federation} 的一个席位，出自数据集 ${dataset}，隐私预算 ${budget} 纳 ρ。`,
    grantSupport: (federation, contributor) => `授予贡献者 ${contributor} 在联邦 ${federation} 的一个支持席位：用于标注、核验、算力等不提供数据的工作。`,
    renew: (federation, seat, budget) => `为联邦 ${federation} 的席位 ${seat} 按数据集的现行版本续期，追加 ${budget} 纳 ρ。`,
    revoke: (federation, seat) => `永久撤销联邦 ${federation} 的席位 ${seat}。`,
    changeLedger: (ledger) => `改由另一合约对席位记账：${ledger}。`,
    ...owned("席位登记处"),
  },
  contributors: {
    admitOrganisation: (account, officerA, officerB, cluster) => `接纳一家机构，账户 ${account}，负责人 ${officerA} 与 ${officerB}${cluster === 0 ? "" : `，归入关联组 ${cluster}`}。`,
    replaceOfficers: (organisation, officerA, officerB) => `将机构 ${organisation} 的负责人更换为 ${officerA} 与 ${officerB}。`,
    revokeLibraryCard: (organisation) => `收回机构 ${organisation} 的借书证，及其作为机构的表决权。`,
    restoreLibraryCard: (organisation) => `将借书证还给机构 ${organisation}。`,
    changeSeats: (seats) => `让贡献者登记处改为通知另一席位合约：${seats}。`,
    suspend: (contributor) => `暂停贡献者 ${contributor}：其所有席位停用。`,
    reinstate: (contributor) => `恢复贡献者 ${contributor}。`,
    ...owned("贡献者登记处"),
  },
  operators: {
    admit: (operator, organisation) => `接纳机构 ${organisation} 的 ${operator} 为操作方。`,
    remove: (operator) => `移除操作方 ${operator}。`,
    formEpoch: (operators, threshold, roundUnits, settlementUnits) =>
      `组成新一届操作方，共 ${operators.length} 家，须有 ${threshold} 家签名：${operators.join("、")}；押金同时担保 ${roundUnits} 轮与 ${settlementUnits} 次结算。`,
    changeLedgers: (rounds, settlement) => `改由其他合约罚没操作方：轮次 ${rounds}，结算 ${settlement}。`,
    ...owned("操作方登记处"),
  },
  rounds: {
    createFederation: (config) =>
      `创建一个联邦：规则 ${RULES[config.ruleId] ?? config.ruleId}，隐私模式 ${MODES[config.privacyMode] ?? config.privacyMode}，至少 ${config.minContributors} 位贡献者，每轮 ${shu(config.poolPerRound)} SHU，定案方式 ${FINALITY[config.finality] ?? config.finality}。`,
    reconfigure: (federation, config) =>
      `重新配置联邦 ${federation}：规则 ${RULES[config.ruleId] ?? config.ruleId}，隐私模式 ${MODES[config.privacyMode] ?? config.privacyMode}，至少 ${config.minContributors} 位贡献者，每轮 ${shu(config.poolPerRound)} SHU，定案方式 ${FINALITY[config.finality] ?? config.finality}。`,
    changeJudge: (judge, appointed) => `${appointed ? "任命" : "免去"} ${judge} 为轮次的裁判，其可推翻轮次。`,
    changeLoneReports: (loneReports) => `改由另一合约提交单方报告：${loneReports}。`,
    ...owned("轮次账本"),
  },
  settlement: {
    changeJudge: (judge, appointed) => `${appointed ? "任命" : "免去"} ${judge} 为结算的裁判，其可推翻结算。`,
    ...owned("结算"),
  },
  disputes: {
    changeVerifier: (verifier, trusted) => `${trusted ? "信任" : "不再信任"} ${verifier} 检验过错证明。`,
    ...owned("争议"),
  },
  attestations: {
    appoint: (federation, attesters, threshold) => `为联邦 ${federation} 任命 ${attesters.length} 位见证人，须有 ${threshold} 位签名${attesters.length === 0 ? "" : `：${attesters.join("、")}`}。`,
    approve: (federation, round, attempt) => `批准联邦 ${federation} 第 ${round} 轮的报告（第 ${attempt + 1} 次尝试）。`,
    ...owned("见证"),
  },
  arbitration: {
    rule: (federation, index, attempt, upheld) => `裁定对联邦 ${federation} 第 ${index} 次结算（第 ${attempt + 1} 次尝试）的质疑${upheld ? "成立：推翻该结算" : "不成立：该结算有效"}。`,
    ...owned("仲裁"),
  },
  holdouts: {
    changeCustodian: (federation, custodian, appointed) => `${appointed ? "任命" : "免去"} ${custodian} 为联邦 ${federation} 的留出集保管方，由其选定评判贡献所用的数据。`,
    ...owned("留出集登记处"),
  },
  freezes: {
    lift: (federation) => `立即解除伦理委员会对联邦 ${federation} 的冻结。`,
    ...owned("冻结"),
  },
  treasury: {
    reserve: (federation, amount) => `为联邦 ${federation} 预留 ${shu(amount)} SHU。`,
    openPoints: (federation) => `联邦 ${federation} 先以积分计酬，日后可再挂接代币。`,
    attachToken: (federation, rate) => `为联邦 ${federation} 的积分永久挂接 SHU：每 1 积分兑 ${shu(rate)} SHU，此前此后所得一律相同。`,
    changeSettlement: (settlement) => `改由另一合约入账奖励：${settlement}。`,
    ...owned("金库"),
  },
  token: {
    transfer: (to, amount) => `将时间锁持有的 ${shu(amount)} SHU 付给 ${to}。`,
    approve: (spender, amount) => `允许 ${spender} 动用时间锁至多 ${shu(amount)} SHU。`,
    delegate: (delegatee) => `将时间锁自己的票委托给 ${delegatee}。`,
    burn: (amount) => `销毁时间锁持有的 ${shu(amount)} SHU。`,
  },
  governor: {
    setVotingDelay: (seconds) => `提案之后 ${time(seconds)}开始表决。`,
    setVotingPeriod: (seconds) => `表决持续 ${time(seconds)}。`,
    setProposalThreshold: (votes) => `提案须有 ${shu(votes)} 票。`,
    updateQuorumNumerator: (percent) => `将法定票数定为全部 SHU 的 ${percent} %。`,
    setLateQuorumVoteExtension: (seconds) => `法定票数到得晚时，至少留出 ${time(seconds)}供人回应。`,
    updateTimelock: (timelock) => `以另一时间锁取代现有的：${timelock}。`,
    relay: (target, value, data) => `让治理合约自己以 ${value} wei 与数据 ${data} 调用 ${target}。`,
  },
  timelock: {
    updateDelay: (seconds) => `表决与执行之间相隔 ${time(seconds)}。`,
    grantRole: (role, account) => `将时间锁的角色 ${roleName(role)} 授予 ${account}。`,
    revokeRole: (role, account) => `收回 ${account} 的时间锁角色 ${roleName(role)}。`,
    renounceRole: (role, account) => `让 ${account} 放弃时间锁角色 ${roleName(role)}。`,
  },
  other: (contract, functionName, args) => `调用合约“${contract}”的 ${functionName}(${args})，这不是治理行为。`,
  unknownCall: (contract) => `以合约“${contract}”不认识的数据调用它。`,
  unknownContract: (target) => `调用 ${target}，它不是本账本的合约。`,
  withValue: (wei) => `同时发送 ${wei} wei。`,
};
