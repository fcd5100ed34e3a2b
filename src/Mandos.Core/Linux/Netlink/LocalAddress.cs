using System.Net;
using System.Numerics;
using System.Runtime.InteropServices;

namespace Mandos.Core.Linux.Netlink;

/// <summary>An address of this machine with its prefix, as getifaddrs(3) lists them.</summary>
internal readonly unsafe partial record struct LocalAddress(int InterfaceIndex, IPAddress Address, int PrefixLength)
{
    private const int AF_INET = 2, AF_INET6 = 10, AF_PACKET = 17;

    [StructLayout(LayoutKind.Sequential)]
    private struct InterfaceEntry
    {
        public InterfaceEntry* Next;
        public byte* Name;
        public uint Flags;
        public byte* Address;
        public byte* Mask;
        public void* Destination;
        public void* Data;
    }

    /// <summary>Returns all addresses; empty if the system call filter of the process forbids the query.</summary>
    internal static List<LocalAddress> ReadAll()
    {
        var addresses = new List<LocalAddress>();
        InterfaceEntry* first = null;
        if (GetIfAddrs(&first) != 0)
            return addresses;
        try
        {
            for (var entry = first; entry != null; entry = entry->Next)
            {
                if (entry->Address == null || entry->Mask == null || FindIndex(first, entry->Name) is not (> 0 and var index))
                    continue;
                // The address is at byte 4 of sockaddr_in and at byte 8 of sockaddr_in6.
                switch (*(ushort*)entry->Address)
                {
                    case AF_INET:
                        addresses.Add(
                            new(index, new IPAddress(new ReadOnlySpan<byte>(entry->Address + 4, 4)), CountBits(entry->Mask + 4, 4)));
                        break;
                    case AF_INET6:
                        var scope = *(uint*)(entry->Address + 24);
                        addresses.Add(
                            new(
                                index, new IPAddress(new ReadOnlySpan<byte>(entry->Address + 8, 16), scope),
                                CountBits(entry->Mask + 8, 16)));
                        break;
                }
            }
        }
        finally
        {
            FreeIfAddrs(first);
        }

        return addresses;
    }

    /// <summary>Whether <paramref name="other"/> is in the same subnet.</summary>
    internal bool HasNeighbour(IPAddress other)
    {
        if (other.AddressFamily != Address.AddressFamily)
            return false;
        Span<byte> a = stackalloc byte[16], b = stackalloc byte[16];
        _ = Address.TryWriteBytes(a, out _);
        _ = other.TryWriteBytes(b, out var length);
        for (var bit = 0; bit < Math.Min(PrefixLength, 8 * length); bit++)
        {
            if (((a[bit / 8] ^ b[bit / 8]) & (0x80 >> (bit % 8))) != 0)
                return false;
        }

        return true;
    }

    /// <summary>
    /// The list has one AF_PACKET entry for each interface; it carries the index (sockaddr_ll, byte 4). An alias such as
    /// <c>eth0:1</c> belongs to the interface before the colon.
    /// </summary>
    private static int FindIndex(InterfaceEntry* first, byte* name)
    {
        var wanted = MemoryMarshal.CreateReadOnlySpanFromNullTerminated(name);
        if (wanted.IndexOf((byte)':') is > 0 and var colon)
            wanted = wanted[..colon];
        for (var entry = first; entry != null; entry = entry->Next)
        {
            if (entry->Address != null && *(ushort*)entry->Address == AF_PACKET
                && MemoryMarshal.CreateReadOnlySpanFromNullTerminated(entry->Name).SequenceEqual(wanted))
                return *(int*)(entry->Address + 4);
        }

        return 0;
    }

    private static int CountBits(byte* mask, int length)
    {
        var bits = 0;
        for (var i = 0; i < length; i++)
            bits += BitOperations.PopCount(mask[i]);
        return bits;
    }

    [LibraryImport(LibC.Name, EntryPoint = "getifaddrs", SetLastError = true)]
    private static partial int GetIfAddrs(InterfaceEntry** list);

    [LibraryImport(LibC.Name, EntryPoint = "freeifaddrs")]
    private static partial void FreeIfAddrs(InterfaceEntry* list);
}
