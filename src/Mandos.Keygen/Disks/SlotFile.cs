using System.Globalization;
using Mandos.Keygen.Failures;
using Mandos.Keygen.KeyFiles;

namespace Mandos.Keygen.Disks;

/// <summary>
/// Which key slots of LUKS1 devices are for Mandos servers, because LUKS1 has no tokens: <c>slots</c> in the key directory, with lines
/// <c>UUID SLOT SALT KEY-ID SERVER</c>. A slot that has another salt now was removed and used again. The file contains no secret.
/// </summary>
internal sealed class SlotFile(string directory)
{
    private const string Name = "slots";

    private string FilePath => Path.Combine(directory, Name);

    /// <summary>The slots of a device that still are what they were.</summary>
    /// <param name="uuid">The UUID of the device.</param>
    /// <param name="salts">The salts of its slots.</param>
    /// <exception cref="KeygenException">The file cannot be read.</exception>
    public IReadOnlyList<MandosSlot> Read(string uuid, IReadOnlyDictionary<int, string> salts) =>
    [
        .. All().Where(line => line.Uuid == uuid && salts.TryGetValue(line.Slot.Slot!.Value, out var salt) && salt == line.Salt)
            .Select(line => line.Slot),
    ];

    /// <summary>Adds a slot.</summary>
    /// <exception cref="KeygenException">The file cannot be written.</exception>
    public void Add(string uuid, string salt, MandosSlot slot) => Write(Without(uuid, slot.Slot!.Value).Append(new(uuid, salt, slot)));

    /// <summary>Removes a slot.</summary>
    /// <exception cref="KeygenException">The file cannot be written.</exception>
    public void Remove(string uuid, int slot) => Write(Without(uuid, slot));

    private IEnumerable<Line> Without(string uuid, int slot) => All().Where(line => line.Uuid != uuid || line.Slot.Slot != slot);

    private List<Line> All() =>
    [
        .. from line in SmallTextFile.TryRead(FilePath) ?? []
           let fields = line.Split(' ', 5)
           where fields.Length == 5 && int.TryParse(fields[1], CultureInfo.InvariantCulture, out _)
           let number = int.Parse(fields[1], CultureInfo.InvariantCulture)
           select new Line(fields[0], fields[2], new(number, null, fields[3], fields[4])),
    ];

    private void Write(IEnumerable<Line> lines) => SmallTextFile.Write(
        FilePath,
        from line in lines
        let slot = line.Slot
        select string.Create(CultureInfo.InvariantCulture, $"{line.Uuid} {slot.Slot} {line.Salt} {slot.KeyId} {slot.Server}"));

    private sealed record Line(string Uuid, string Salt, MandosSlot Slot);
}
