import type { OverviewText } from "./text.en.ts";

const list = (items: readonly string[]): string => items.join("、");

export const overviewZh: OverviewText = {
  title: "账本一览",
  lead: "谁为模型出了力，各得多少，为何如此：写在人人可查之处。本页在您的浏览器里直接读链，所示的每个文件都先与链上的哈希核对。",
  demo: "演示：所用记录为不含姓名的公开数据集，故不计隐私预算；医院是模拟的；页面内容不是医疗建议。",

  what: {
    heading: "这是什么？",
    sentences: [
      "多家医院共同改进一个模型，病人的记录都不出院门：各家只交出自己训练所得的改动。",
      "这部账本记下谁给了什么、经谁同意、成就了哪个模型。",
      "每份贡献都按人人可以重算的规则付酬；写错的条目，任何人都能推翻。",
      "哪些数据可用，由成员表决；保管方可随时撤回同意，立即生效。",
    ],
  },

  doors: {
    heading: "从何处开始",
    contributor: ["我参与贡献", "看看所得多少、何以如此，并领取。"],
    member: ["我是成员", "阅读提案，委托，投票。"],
    auditor: ["我来核查", "在不需要钱包的页面上，或在命令行上，重算一个条目。"],
    operator: ["我是操作方", "跟进各轮、其报告与窗口期。"],
    newcomer: ["我是新来的", "看看一轮、它的模型，以及付了多少。"],
  },

  loading: "正在读取账本的历史……",
  failed: "无法读取账本的历史。本页会持续重试。",

  changes: {
    heading: "自您上次来访",
    first: "这是您用此浏览器第一次来访。下次起，这里会说明有何变化。",
    none: (block) => `自您上次所见的区块 ${block} 以来，没有变化。`,
    since: (block) => `自区块 ${block} 以来。该区块号只记在此浏览器中。`,
    federation: (id) => `联邦 ${id} 已创建。`,
    "rounds-final": (id, numbers) => `联邦 ${id} 第 ${list(numbers)} 轮已定案。`,
    "rounds-reported": (id, numbers) => `联邦 ${id} 第 ${list(numbers)} 轮已有报告，其窗口期正在进行或已过。`,
    "rounds-void": (id, numbers) => `联邦 ${id} 第 ${list(numbers)} 轮作废，不算数。`,
    fault: (id, numbers) => `有人证明联邦 ${id} 第 ${list(numbers)} 轮有错。`,
    "settlements-final": (id, numbers, amount) => `联邦 ${id} 第 ${list(numbers)} 次结算已定案：可领取 ${amount} SHU。`,
    "settlement-proposed": (id, numbers) => `联邦 ${id} 第 ${list(numbers)} 次结算已提出，可被质疑。`,
    claims: (id, count, amount) => `联邦 ${id} 付出 ${count} 笔领取，共 ${amount} SHU。`,
    seats: (id, numbers) => `联邦 ${id} 授予席位 ${list(numbers)}。`,
    "datasets-proposed": (names) => `新提出：${list(names)}。`,
    "datasets-approved": (names) => `经成员批准：${list(names)}。`,
    "datasets-withdrawn": (names) => `${list(names)}的同意已撤回，此后各轮不得再用。`,
    "proposals-made": (count) => `新提案 ${count} 件。`,
    "proposals-executed": (count) => `已执行提案 ${count} 件。`,
  },

  federations: {
    heading: "联邦",
    none: "此账本上还没有联邦。由治理创建：确定规则、隐私模式、窗口期与初始模型。",
    name: (id) => `联邦 ${id}`,
    learns: "学自",
    learnsMore: (count) => `以及另外 ${count} 个`,
    noSeats: "尚无数据集：还没有授予席位",
    rule: "规则",
    rules: ["未知", "加权平均", "裁剪范数后的加权平均", "截尾均值", "中位数"],
    ruleUnknown: (id) => `规则 ${id}，不为本页所知`,
    privacy: "隐私",
    privacyModes: ["更新公开：人人可以重算", "更新加密给审计者", "更新经掩蔽：只知其和"],
    members: "机构",
    seats: (count) => `${count} 个席位`,
    institutions: (count) => `${count} 家机构`,
    model: "模型",
    modelOf: (round) => `第 ${round} 轮之后`,
    firstModel: "初始模型，尚无一轮改动过它",
    accuracy: "准确率",
    underWay: "进行中的轮次",
    round: (round) => `第 ${round} 轮`,
    open: {
      force: (time) => `征集中。${time}之内，被忽略的贡献者可强制加入。`,
      waiting: "征集中：等待贡献与操作方封存。有贡献者为它签名，这一轮就开始了。",
      redo: "退回重新封存。",
    },
    sealed: (time) => `已封存；报告须在 ${time}之内提交。`,
    sealedOver: "已封存而报告逾期：任何人都可将其作废。",
    reported: (time) => `已报告，${time}之内可被推翻。`,
    reportedOver: "已报告而无人推翻，等待定案。",
    settlement: "结算",
    settlementRunning: (index, time) => `第 ${index} 次结算在 ${time}之内可被推翻。`,
    settlementOver: (index) => `第 ${index} 次结算无人推翻，等待定案。任何人都可执行。`,
    settlementNone: (last, every) => `没有进行中的结算。第 ${last} 轮及以前已结算；下一次最早在再有 ${every} 轮定案之后。`,
    noVault: "治理尚未预留 SHU，故还不付酬。",
    rounds: "轮次与模型",
  },

  proposals: {
    heading: "待决提案",
    none: "没有待决的提案。票数足够的成员可以提出。",
    states: { Pending: "即将开始投票", Active: "正在投票", Succeeded: "已通过，待排队", Queued: "已通过，等待期中" },
    untitled: "没有标题的提案",
    words: "提案人之言",
    all: "治理",
  },
};
