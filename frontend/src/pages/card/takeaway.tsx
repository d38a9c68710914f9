import { CopyWhole } from "../../ui/copy-whole.tsx";
import { saveFile } from "./save-file.ts";
import { useCardText } from "./text.ts";

interface TakeawayProps {
  readonly label: string;
  readonly value: string;
  readonly file: string;
  readonly type: string;
}

/** Text to be taken elsewhere: read, copied whole, or saved. */
export function Takeaway({ label, value, file, type }: TakeawayProps) {
  const { save } = useCardText();
  return (
    <div className="takeaway">
      <textarea readOnly value={value} aria-label={label} spellCheck={false} rows={6} />
      <p className="takeaway-actions">
        <CopyWhole value={value} what={label} />
        <button type="button" onClick={() => saveFile(file, type, value)}>
          {save(file)}
        </button>
      </p>
    </div>
  );
}
