import type { CommendText } from "./text.en.ts";

export const commendZh: CommendText = {
  heading: "出色的工作",
  lead: "每家持有借书证的机构对每次结算有一次发声：至多举荐三个工作出色的席位。奖池中有一小份、设有上限，按这些发声分配。发声公开，且不能更改。",
  loading: "正在读取发声……",
  forSettlement: (index) => `针对第 ${index} 次结算，即下一次`,
  underWay: (index) => `第 ${index} 次结算正在进行：其付酬已经签名。待其定案后，可为再下一次发声。`,
  cutOff: "只计在结算所含最后一轮的期限之前作出的发声。请尽早。",
  noCard: "您在此没有借书证。治理接纳的每家机构各得一张；表达意见的是证，不是个人。",
  connect: "请连接机构的账户，以机构名义发声。",
  speaksAs: "您代表",
  choose: "至多三个席位。本机构的席位，以及与本机构同属一个关联组的席位，不在可选之列。",
  nobody: "没有其他机构的席位可以举荐。",
  seat: (seat) => `席位 ${seat}`,
  give: "发声，不再更改",
  given: (organisation, index) => `机构 ${organisation} 已为第 ${index} 次结算发声`,
  voices: "目前的发声",
  none: "尚无人发声。",
  commends: "举荐",
};
