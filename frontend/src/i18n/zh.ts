import type { Dictionary } from "./en.ts";
import { languageTags } from "./language.ts";

/** 简体中文。键与参数须与 `en.ts` 一致，由编译器检查。 */
export const zh: Dictionary = {
  locale: { tag: languageTags.zh, title: "崇文 · 联邦学习公共账本", units: { day: "天", hour: "小时", minute: "分", second: "秒" } },

  header: {
    skip: "跳到正文",
    tagline: "联邦学习的公共账本",
    language: "语言",
  },

  app: {
    navigation: "页面",
    pages: {
      overview: "总览",
      card: "我的借书证",
      datasets: "数据集",
      governance: "治理",
      rounds: "轮次与模型",
      flow: "知识流转图",
      annotate: "标注",
      operators: "操作方",
      join: "加入",
      verify: "验证",
    },
    loadingPage: "正在打开页面……",
    notFound: "没有这个页面",
    notFoundLead: "此地址没有对应的内容。页面列在上方。",
    failed: "本页出了错。没有发送或丢失任何东西，其余部分照常。",
    retry: "重试",
  },

  chain: {
    label: "链",
    connecting: "正在询问链上状态……",
    block: (number) => `区块 ${number}`,
    endpoint: (host) => `读自 ${host}`,
    unreachable: "无法连接",
    unreachableHelp: (url) => `节点 ${url} 没有回应。若是您自己的机器，请运行 npm start 并保持运行；否则请检查网络。本页会持续重试。`,
    stale: (number) => `您看到的是区块 ${number} 时的内容。`,
    otherChain: (expected, actual) => `节点回应的是链 ${actual}，而本账本在链 ${expected} 上。更正之前，以下内容均不可信。`,
  },

  boot: {
    loading: "正在打开账本……",
    unreachable: "无法取得 deployment.json（它指明账本所在）。提供本页的服务器还在运行吗？",
    invalid: "服务器的 deployment.json 不是本页所认识的格式。请将两者更新后重新加载。",
    retry: "重试",
  },


  names: {
    address: "地址",
    organisation: (id) => `机构 ${id}`,
    dataset: (id) => (id === "0" ? "支持席位（无数据）" : `数据集 ${id}`),
    officerOf: (institution) => `${institution}的负责人`,
    contributorOf: (id, institution) => `${institution}的贡献者 ${id}`,
    contracts: {
      treasury: "金库",
      token: "SHU 代币",
      timelock: "治理（时间锁）",
      governor: "治理（表决合约）",
    },
    contract: (name) => `账本合约 ${name}`,
  },

  kinds: {
    heading: "这里每个说法值多少",
    enforced: "强制",
    enforcedMeaning: "合约不接受其他结果",
    disprovable: "可证伪",
    disprovableMeaning: "窗口期内任何人用一笔交易即可推翻它，签名者被罚没；在有人重算之前，它只是“无人质疑”，不是“已验证”。谁能重算取决于隐私模式：更新公开时人人可算，更新加密时由托管密钥的持有人重算",
    recomputable: "可重算",
    recomputableMeaning: "任何人运行公开的评估程序，都得到同样的数字",
    attested: "声明",
    attestedMeaning: "有具名的一方为它签了名，仅此而已：例如训练确实发生、记录数属实",
  },

  rounds: {
    heading: "轮次",
    federation: "联邦",
    federationOption: (id) => `联邦 ${id}`,
    loading: "正在从链上读取轮次……",
    none: "此账本上还没有联邦。",
    failed: "无法读取轮次。deployment.json 所列的合约可能不在这条链上：若链已重启，请重新加载本页。",
    older: "显示更早的轮次",
    recompute: "无人质疑不等于已验证。要用同样的文件亲自重算每一轮：",
    title: (number) => `第 ${number} 轮`,
    genesis: "初始模型",
    genesisNote: "联邦创建时由治理设定，并非由某一轮得出。",
    states: { open: "征集中", sealed: "已封存", reported: "已报告", final: "已定案", void: "作废" },
    unchallenged: "无人质疑",
    status: {
      openForce: (time) => `贡献者正在签名。${time}之内，被忽略者可在链上强制加入；之后才能封存。`,
      open: "贡献者正在签名；操作方随时可以封存。",
      redo: (time) => `退回重新封存，限 ${time}之内。`,
      redoOver: "退回重新封存，已逾期：任何人都可将其作废。",
      sealed: (time) => `名单已冻结。报告须在 ${time}之内提交。`,
      sealedOver: "报告已逾期：任何人都可将本轮作废。",
      reported: (time) => `迄今无人推翻这份报告；窗口期还有 ${time}结束。`,
      reportedOver: "窗口期内无人推翻这份报告，等待定案。",
      final: "窗口期内无人推翻这份报告。",
      void: "本轮不算数，也不付酬。",
    },
    attempt: (number) => `第 ${number} 次尝试：先前的已被推翻。`,
    contributors: "贡献者",
    acceptedOf: (accepted, entries) => `${entries} 份中接受 ${accepted} 份`,
    forced: (count) => `${count} 份在链上强制加入`,
    excluded: (count) => `其后剔除 ${count} 份：数据始终未到`,
    accuracy: "准确率",
    holdout: (correct, total) => `留出记录 ${total} 条中对 ${correct} 条`,
    modelRoot: "模型根",
    reportHash: "报告哈希",
    parent: (name) => `承接${name}`,
    loadingReport: "正在读取报告……",
    reportMissing: "节点没有返回这份报告的事件。",
    freeze: {
      until: "伦理委员会已冻结此联邦，直至",
      left: (time) => `（还有 ${time}）`,
      meaning: "在此之前，此联邦不封存、不报告、不定案，期限也不会届满。过错证明、撤回同意、已定案轮次的结算和领取照常进行。",
      reason: "理由的哈希",
      council: "伦理委员会及其权限",
    },
  },

  metrics: {
    loading: "正在核对指标文件……",
    verified: "文件的哈希与链上一致。",
    mismatch: "不予显示：指标文件与链上的哈希不符。",
    unreadable: "不予显示：指标文件与链上一致，但格式不为本页所知。",
    unavailable: "未经核实：无法取得指标文件。",
    none: "初始模型未作评估。",
  },

  wallet: {
    connect: "连接钱包",
    disconnect: "断开",
    passkey: "通行密钥",
    usePasskey: "没有钱包？用通行密钥加入或登录",
    dialog: "选择钱包",
    dialogHelp: "以下是您的浏览器提供的钱包。本页只得知您所选的地址，每笔交易之前都会询问。本页不联系任何钱包公司。",
    none: "您的浏览器没有钱包。请安装支持 EIP-6963 的钱包扩展并重新加载；查询地址不需要钱包。",
    connecting: (name) => `等待 ${name}……`,
    close: "关闭",
    connected: "已连接的账户",
    browserWallet: "浏览器钱包",
  },

  copy: {
    button: (what) => `复制${what}`,
    short: "复制",
    done: "已复制",
    failed: "无法复制",
  },

  history: {
    reading: "正在读取账本的历史……",
    chain: (block: string) => `历史直接读自链上，截至区块 ${block}。`,
    indexer: ({ block, lag, compared, all }: { readonly block: string; readonly lag: string; readonly compared: string; readonly all: string }) =>
      `历史来自索引器，它落后链 ${lag} 个区块；其后至区块 ${block} 的部分直接读自链上。它给出的 ${all} 条记录中，有 ${compared} 条已与链逐一比对，完全一致。`,
    gone: "索引器没有应答。不影响使用：本页改为直接读链。",
    behind: "索引器落后太多，本页改为直接读链。",
    lied: "索引器所说与链上不符，本页不采用它：",
  },
  footer: {
    notProven: "本页不能证明什么",
    notProvenList: [
      "训练确实发生、记录数属实、医院身份真实：这些只有签名，没有证明。",
      "已定案的报告正确无误。它曾可被质疑而无人质疑；npx chongwen audit 可以重算。",
      "您的节点说的是实话。本页只信任一个节点；要确信，请再问另一个，或您自己的节点。",
      "本页正是您以为的那一页。它的服务器可能改过它；命令行不需要网页。",
    ],
    sources: "数据从何而来",
    sourcesText: "直接读自链上，以及以内容哈希命名的文件。没有我们的服务器决定您看到什么；没有跟踪器，字体与脚本也不来自别处。",
    rounds: "轮次合约",
    settlement: "结算合约",
    licence: "数据与许可",
    demoRecords: (title: string, licence: string, source: string) => `演示记录：${title}；许可 ${licence}；来源 ${source}；此处拆分为模拟的医院。`,
    software: "软件：Apache-2.0。",
  },
};
