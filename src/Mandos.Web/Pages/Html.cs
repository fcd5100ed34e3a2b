using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;
using Mandos.Core.Text;

namespace Mandos.Web.Pages;

/// <summary>
/// A part of a page. Text can be added only through <see cref="Add"/>, whose holes take plain text and encode it, so that a name of a
/// client can never become markup.
/// </summary>
internal sealed class Html
{
    private readonly StringBuilder _text = new();

    /// <summary>Adds markup; each hole is encoded, unless it is a part of a page.</summary>
    internal Html Add([InterpolatedStringHandlerArgument("")] Markup markup)
    {
        _ = markup;
        return this;
    }

    /// <inheritdoc />
    public override string ToString() => _text.ToString();

    /// <summary>Writes markup into the page while it is formatted.</summary>
    [InterpolatedStringHandler]
    internal readonly ref struct Markup
    {
        private readonly StringBuilder _text;

        public Markup(int literalLength, int formattedCount, Html page)
        {
            _text = page._text;
            _text.EnsureCapacity(_text.Length + literalLength + 16 * formattedCount);
        }

        public void AppendLiteral(string markup) => _text.Append(markup);

        public void AppendFormatted(string? text) => _text.Append(WebUtility.HtmlEncode(PrintableText.Of(text ?? "")));

        public void AppendFormatted(int number) => _text.Append(CultureInfo.InvariantCulture, $"{number}");

        public void AppendFormatted(Html part) => _text.Append(part._text);
    }
}
