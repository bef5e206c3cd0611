using System.Formats.Asn1;
using System.Security.Cryptography.X509Certificates;

namespace Modular.Plugins.AuthCertificate;

/// <summary>What a certificate's subject says of a user.</summary>
/// <param name="CommonName">The last common name, or empty.</param>
/// <param name="Organizations">The organizations, in order.</param>
internal sealed record SubjectName(string CommonName, IReadOnlyList<string> Organizations)
{
    private const string CommonNameId = "2.5.4.3";
    private const string OrganizationId = "2.5.4.10";

    /// <summary>Reads a subject. Several organizations may stand one after the other or, as Go writes them, together in one set.</summary>
    public static SubjectName Read(X500DistinguishedName subject)
    {
        var commonName = "";
        var organizations = new List<string>();
        var sets = new AsnReader(subject.RawData, AsnEncodingRules.DER).ReadSequence();
        while (sets.HasData)
        {
            var set = sets.ReadSetOf(skipSortOrderValidation: true);
            while (set.HasData)
            {
                var attribute = set.ReadSequence();
                var id = attribute.ReadObjectIdentifier();
                switch (id)
                {
                    case CommonNameId: commonName = ReadText(attribute); break;
                    case OrganizationId: organizations.Add(ReadText(attribute)); break;
                }
            }
        }

        return new SubjectName(commonName, organizations);
    }

    private static string ReadText(AsnReader attribute)
    {
        var tag = attribute.PeekTag();
        return tag.TagClass == TagClass.Universal ? attribute.ReadCharacterString((UniversalTagNumber)tag.TagValue) : "";
    }
}
