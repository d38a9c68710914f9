import { useText } from "../i18n/text.tsx";

interface FederationSelectProps {
  readonly count: number;
  readonly chosen: number;
  readonly onChoose: (federation: number) => void;
}

export function FederationSelect({ count, chosen, onChoose }: FederationSelectProps) {
  const { rounds } = useText();
  return (
    <label className="federation-select">
      <span>{rounds.federation}</span>
      <select value={chosen} onChange={(event) => onChoose(Number(event.target.value))}>
        {Array.from({ length: count }, (_, i) => (
          <option key={i} value={i + 1}>
            {rounds.federationOption(String(i + 1))}
          </option>
        ))}
      </select>
    </label>
  );
}
