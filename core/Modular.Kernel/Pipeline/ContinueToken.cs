using System.Buffers.Text;
using System.Globalization;
using System.Text;

namespace Modular.Kernel;

/// <summary>Where a list goes on: behind a key, at a revision. A revision of 0 stands for a new one (the list is then inconsistent).</summary>
internal readonly record struct ContinueToken(long Revision, string Key)
{
    private const string Version = "1";

    /// <summary>Reads a token that this server handed out.</summary>
    /// <exception cref="ApiException">BadRequest.</exception>
    public static ContinueToken Parse(string token)
    {
        try
        {
            var parts = Encoding.UTF8.GetString(Base64Url.DecodeFromChars(token)).Split('\n');
            if (parts is [Version, var revision, { Length: > 0 } key]
                && long.TryParse(revision, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return new ContinueToken(number, key);
            }
        }
        catch (FormatException)
        {
            // Not base64: the same answer as for any other wrong token.
        }

        throw RequestErrors.Bad("continue key is not valid: it was not made by this server");
    }

    /// <inheritdoc />
    public override string ToString() => Base64Url.EncodeToString(Encoding.UTF8.GetBytes($"{Version}\n{Revision}\n{Key}"));
}
