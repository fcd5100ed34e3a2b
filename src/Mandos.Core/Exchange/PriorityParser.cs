using Org.BouncyCastle.Tls;

namespace Mandos.Core.Exchange;

/// <summary>
/// Evaluates a GnuTLS priority string word by word: an initial keyword, then <c>+</c> (add), <c>-</c> and <c>!</c> (remove) with the name
/// of an algorithm, and <c>%</c> with an option. Known names that TLS 1.3 does not use (key exchanges, old ciphers) change nothing; an
/// unknown name is an error, because a typing error could silently weaken the result.
/// </summary>
internal sealed class PriorityParser
{
    private readonly List<int> _cipherSuites = [];
    private readonly List<int> _groups = [];
    private readonly List<int> _signatures = [];
    private bool _tls13, _rawKeys, _aead = true;

    /// <summary>Evaluates the string; returns the error, or null.</summary>
    internal string? Read(string text)
    {
        var words = text.Split(':');
        if (!PrioritySets.TryFind(words[0], out var initial))
            return words[0].Length == 0
                ? "the priority string is empty"
                : $"unknown priority keyword \"{words[0]}\"";
        _cipherSuites.AddRange(initial.CipherSuites);
        _groups.AddRange(initial.Groups);
        _signatures.AddRange(initial.SignatureSchemes);
        _tls13 = initial.Tls13;
        _aead = words[0] != "NONE";
        foreach (var word in words.AsSpan(1))
        {
            if (word.Length == 0)
                continue;
            if (!(word[0] switch
            {
                '+' => Change(word[1..], add: true),
                '-' or '!' => Change(word[1..], add: false),
                '%' => IsKnownOption(word[1..]),
                _ => Change(word, add: true),
            }))
                return $"unknown priority keyword \"{word}\"";
        }
        return null;
    }

    internal TlsPriority? ToPriority(out string? error)
    {
        error =
            !_tls13 ? "the priority string does not allow TLS 1.3 (add +VERS-TLS1.3)" :
            !_rawKeys ? "the priority string does not allow raw public keys (add +CTYPE-RAWPK)" :
            !_aead || _cipherSuites.Count == 0 ? "the priority string does not allow any TLS 1.3 cipher" :
            _groups.Count == 0 ? "the priority string does not allow any group for the key exchange" :
            _signatures.Count == 0 ? "the priority string does not allow any signature algorithm" :
            null;
        return error is null ? new([.. _cipherSuites], [.. _groups], [.. _signatures]) : null;
    }

    private bool Change(string name, bool add) =>
        name.Split('-', 2)[0] switch
        {
            "VERS" => ChangeVersion(name, add),
            "CTYPE" => ChangeCertificateType(name, add),
            "GROUP" or "CURVE" => ChangeGroup(name, add),
            "SIGN" => ChangeSignature(name, add),
            "CIPHER" => name == "CIPHER-ALL" && ChangeAll(_cipherSuites, PrioritySets.CipherSuites, add),
            _ => ChangeCipher(name, add) || ChangeMac(name, add) || PriorityNames.IsKeyExchange(name) || PriorityNames.IsCompression(name)
                // A keyword may also be added later: SECURE192:+SECURE128.
                || (PrioritySets.TryFind(name, out var more) && ChangeSet(more, add)),
        };

    private bool ChangeVersion(string name, bool add)
    {
        if (name is "VERS-ALL" or "VERS-TLS-ALL" or "VERS-TLS1.3")
            _tls13 = add;
        else
            return PriorityNames.IsOtherVersion(name);
        return true;
    }

    private bool ChangeCertificateType(string name, bool add)
    {
        // Only the side that presents a key has a certificate type: the TLS server. The peer's type (CLI) is never negotiated.
        if (name is "CTYPE-RAWPK" or "CTYPE-SRV-RAWPK")
            _rawKeys = add;
        else if (name is "CTYPE-ALL" or "CTYPE-SRV-ALL")
            _rawKeys &= add;
        else
            return PriorityNames.IsOtherCertificateType(name);
        return true;
    }

    private bool ChangeGroup(string name, bool add)
    {
        var known = name.Split('-', 2)[^1] switch
        {
            "X25519-MLKEM768" => NamedGroup.X25519MLKEM768,
            "X25519" => NamedGroup.x25519,
            "SECP256R1" => NamedGroup.secp256r1,
            "SECP384R1" => NamedGroup.secp384r1,
            "SECP521R1" => NamedGroup.secp521r1,
            _ => 0,
        };
        return known != 0 ? ChangeOne(_groups, known, add) : name switch
        {
            "GROUP-ALL" or "CURVE-ALL" => ChangeAll(_groups, PrioritySets.Groups, add),
            "GROUP-EC-ALL" => ChangeAll(_groups, [.. PrioritySets.Groups.AsSpan(1)], add),
            _ => PriorityNames.IsOtherGroup(name),
        };
    }

    private bool ChangeSignature(string name, bool add)
    {
        if (name == "SIGN-ALL")
            return ChangeAll(_signatures, PrioritySets.SignatureSchemes, add);
        var schemes = PriorityNames.SignatureSchemes(name);
        foreach (var scheme in schemes)
            ChangeOne(_signatures, scheme, add);
        return schemes.Length > 0 || PriorityNames.IsOtherSignature(name);
    }

    private bool ChangeCipher(string name, bool add)
    {
        var suite = name switch
        {
            "AES-256-GCM" => CipherSuite.TLS_AES_256_GCM_SHA384,
            "CHACHA20-POLY1305" => CipherSuite.TLS_CHACHA20_POLY1305_SHA256,
            "AES-128-GCM" => CipherSuite.TLS_AES_128_GCM_SHA256,
            "AES-128-CCM" => CipherSuite.TLS_AES_128_CCM_SHA256,
            _ => 0,
        };
        return suite != 0 ? ChangeOne(_cipherSuites, suite, add) : PriorityNames.IsOtherCipher(name);
    }

    private bool ChangeMac(string name, bool add)
    {
        if (name is "AEAD" or "MAC-ALL")
            _aead = add;
        else
            return PriorityNames.IsOtherMac(name);
        return true;
    }

    private bool ChangeSet(InitialPriority set, bool add) =>
        ChangeAll(_cipherSuites, set.CipherSuites, add)
        & ChangeAll(_groups, set.Groups, add)
        & ChangeAll(_signatures, set.SignatureSchemes, add);

    private static bool ChangeAll(List<int> list, int[] values, bool add)
    {
        foreach (var value in values)
            ChangeOne(list, value, add);
        return true;
    }

    private static bool ChangeOne(List<int> list, int value, bool add)
    {
        if (!add)
            list.Remove(value);
        else if (!list.Contains(value))
            list.Add(value);
        return true;
    }

    // Whether the option is known. Options that require something that our TLS does not support (NO_EXTENSIONS) are not.
    private static bool IsKnownOption(string name) =>
        name.StartsWith("PROFILE_", StringComparison.Ordinal) ? PriorityNames.IsProfile(name) : PriorityNames.IsOption(name);
}
